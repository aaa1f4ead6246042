"""The modules of Ansible's collections that a playbook may call by their names alone.

They were once a part of Ansible itself, which still finds them so where the collection is there.
"""

from __future__ import annotations

from collections.abc import Mapping

_NAMES: Mapping[str, str] = {
    "amazon.aws": "aws_ cloudformation ec2 ec2_ rds s3_",
    "ansible.netcommon": "cli_ net_ netconf_ restconf_ telnet",
    "ansible.posix": "acl at authorized_key firewalld mount patch seboolean selinux"
    " synchronize sysctl",
    "ansible.windows": "win_",
    "arista.eos": "eos_",
    "awx.awx": "tower_",
    "azure.azcollection": "azure_rm_",
    "check_point.mgmt": "checkpoint_ cp_mgmt_",
    "cisco.aci": "aci_",
    "cisco.asa": "asa_",
    "cisco.intersight": "intersight_",
    "cisco.ios": "ios_",
    "cisco.iosxr": "iosxr_",
    "cisco.meraki": "meraki_",
    "cisco.mso": "mso_",
    "cisco.nso": "nso_",
    "cisco.nxos": "nxos_",
    "cisco.ucs": "ucs_",
    "cloudscale_ch.cloud": "cloudscale_",
    "community.aws": "cloudformation_ cloudfront_ cloudtrail cloudwatchevent_rule cloudwatchlogs_"
    " data_pipeline dms_ dynamodb_ dynamodb_table ecs ecs_ efs efs_ elasticache elasticache_ elb_"
    " execute_lambda iam iam_ kinesis_stream lambda lambda_ lightsail rds_ redshift"
    " redshift_ route53 route53_ sns sns_ sqs_queue sts_",
    "community.crypto": "acme_ certificate_complete_chain get_certificate luks_device"
    " openssh_ openssl_ x509_",
    "community.digitalocean": "digital_ocean digital_ocean_",
    "community.docker": "docker_",
    "community.fortios": "faz_device fmgr_",
    "community.general": "aerospike_migrations airbrake_deployment aix_ ali_ alternatives"
    " apache2_ apk apt_repo apt_rpm archive atomic_ awall beadm bearychat bigpanda bitbucket_"
    " bower bundler bzr campfire capabilities catapult circonus_annotation cisco_spark clc_"
    " cloud_init_data_facts cloudflare_dns cobbler_ composer consul consul_ cpanm cronvar"
    " crypttab datadog_ dconf deploy_helper dimensiondata_ django_manage dnsimple dnsmadeeasy"
    " easy_install ejabberd_user elasticsearch_plugin emc_vnx_sg_member etcd3 facter"
    " filesystem flatpak flatpak_remote flowdock foreman gcdns_ gce gconftool2 gcpubsub_facts"
    " gcspanner gem git_config github_ gitlab_ grove gunicorn haproxy heroku_collaborator hg"
    " hipchat homebrew homebrew_ honeybadger_deployment hpilo_ hponcfg htpasswd hwc_ ibm_"
    " icinga2_ idrac_ imc_rest imgadm infinity influxdb_ ini_file installp interfaces_file"
    " ip_netns ipa_ ipify_facts ipinfoio_facts ipmi_ ipwcli_dns irc iso_create iso_extract"
    " jabber java_ jboss jenkins_ jira katello kernel_blacklist keycloak_ kibana_plugin layman"
    " lbu ldap_ librato_annotation linode linode_ listen_ports_facts lldp locale_gen"
    " logentries logentries_ logicmonitor logicmonitor_ logstash_plugin lvg lvol lxc_container"
    " lxca_ lxd_ macports mail make manageiq_ mas matrix mattermost maven_artifact memset_"
    " mksysb modprobe monit mqtt mssql_db nagios netcup_dns newrelic_deployment nexmo nginx_"
    " nictagadm nios_ nmcli nosh npm nsupdate oci_vcn odbc office_365_connector_card ohai"
    " omapi_host one_host one_image one_image_ one_service one_vm oneandone_ onepassword_"
    " oneview_ online_ open_iscsi openbsd_pkg opendj_backendprop openwrt_init opkg"
    " osx_defaults osx_say ovh_ pacemaker_cluster packet_ pacman pagerduty pagerduty_ pam_limits"
    " pamd"
    " parted pear pids pingdom pip_package_info pkg5 pkg5_ pkgin pkgng pkgutil portage"
    " portinstall profitbricks profitbricks_ proxmox proxmox_ pubnub_blocks pulp_repo puppet"
    " purefa_facts purefb_facts pushbullet pushover python_requirements_ rax rax_ read_csv"
    " redfish_ redhat_subscription redis rhevm rhn_ rhsm_ riak rocketchat rollbar_deployment"
    " rundeck_ runit say scaleway_ sefcontext selinux_permissive selogin sendgrid sensu_"
    " seport serverless sf_ sl_vm slack slackpkg smartos_ snap snmp_facts solaris_zone sorcery"
    " spectrum_device spotinst_aws_elastigroup ss_3par_cpg ssh_config stackdriver stacki_host"
    " statusio_maintenance sudoers supervisorctl svc svr4pkg swdepot swupd syslogger syspatch"
    " taiga_issue telegram terraform timezone twilio typetalk udm_ ufw uptimerobot urpmi utm_"
    " vdo vertica_ vexata_ vmadm wakeonlan webfaction_ xattr xbps xenserver_ xfconf xfs_quota"
    " xml yarn zfs zfs_ znode zpool_facts zypper zypper_repository",
    "community.google": "gc_storage gce_ gcpubsub gcpubsub_",
    "community.grafana": "grafana_",
    "community.hrobot": "hetzner_",
    "community.kubevirt": "kubevirt_",
    "community.libvirt": "virt virt_",
    "community.mongodb": "mongodb_",
    "community.mysql": "mysql_",
    "community.network": "a10_ aireos_ apconos_command aruba_ avi_ bcf_switch bigmon_ ce_"
    " cnos_ cp_publish cv_server_provision dladm_ edgeos_ edgeswitch_ enos_ eric_eccli_command"
    " exos_ flowadm ftd_ iap_ icx_ ig_ ipadm_ ironware_ nclu netact_cm_command netscaler_ nos_"
    " nuage_vspk opx_cps ordnance_ panos_ pn_ slxos_ sros_ vdirect_ voss_",
    "community.postgresql": "postgresql_",
    "community.proxysql": "proxysql_",
    "community.rabbitmq": "rabbitmq_",
    "community.routeros": "routeros_",
    "community.skydive": "skydive_",
    "community.vmware": "vca_ vcenter_ vmware_ vsphere_",
    "community.windows": "psexec",
    "community.zabbix": "zabbix_",
    "containers.podman": "podman_",
    "cyberark.pas": "cyberark_",
    "dellemc.openmanage": "ome_device_info",
    "dellemc.os10": "dellos10_",
    "dellemc.os6": "dellos6_",
    "dellemc.os9": "dellos9_",
    "f5networks.f5_modules": "bigip_ bigiq_",
    "fortinet.fortios": "fortios_",
    "frr.frr": "frr_",
    "gluster.gluster": "gluster_",
    "google.cloud": "gcp_",
    "hetzner.hcloud": "hcloud_",
    "infinidat.infinibox": "infini_",
    "junipernetworks.junos": "junos_",
    "kubernetes.core": "helm k8s k8s_ openshift_",
    "mellanox.onyx": "onyx_",
    "netapp.elementsw": "na_elementsw_",
    "netapp.ontap": "na_cdot_ na_ontap_",
    "netapp_eseries.santricity": "netapp_e_",
    "netbox.netbox": "netbox_",
    "ngine_io.cloudstack": "cs_",
    "ngine_io.exoscale": "exo_",
    "ngine_io.vultr": "vr_ vultr vultr_",
    "openstack.cloud": "os_",
    "openvswitch.openvswitch": "openvswitch_",
    "ovirt.ovirt": "ovirt ovirt_",
    "purestorage.flasharray": "purefa_",
    "purestorage.flashblade": "purefb_",
    "servicenow.servicenow": "snow_",
    "vyos.vyos": "vyos_",
    "wti.remote": "cpm_",
}
"""By collection. A name that ends with `_` stands for a family."""

OF_COLLECTIONS: Mapping[str, str] = {
    name: collection for collection, names in _NAMES.items() for name in names.split()
}
"""The collection of each name and of each family."""
FAMILIES = sorted((name for name in OF_COLLECTIONS if name.endswith("_")), key=len, reverse=True)
"""Those of more letters first: `ec2_x_` is looked for before `ec2_`."""
