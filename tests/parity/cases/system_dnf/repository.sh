#!/bin/bash
# Build a few small packages and a repository of them in the folder $1, with dnf's configuration.
mkdir -p "$1/repo" "$1/root" "$1/none"
one() {
  printf '%s\n' "Name: $1" "Version: $2" 'Release: 1' 'Summary: s' 'License: MIT' \
    'BuildArch: noarch' "$3" '%description' d '%files' > "$1.$2.spec"
  rpmbuild -bb --quiet --define "_rpmdir repo" --define "_topdir $PWD/top" \
    --define "_build_name_fmt %%{NAME}-%%{VERSION}.rpm" "$1.$2.spec" 2>&1
}
cd "$1" || exit
one alpha 1.0
one alpha 2.0
one beta 1.0 'Requires: gamma'
one gamma 1.0
one delta 1.0 'Requires: nonesuch'
one epsilon 1.0 'Provides: virtual'
one zeta 1.0 'Conflicts: alpha'
printf '%s' '<comps><group><id>things</id><name>Things</name><uservisible>true</uservisible>' \
  '<packagelist><packagereq type="mandatory">gamma</packagereq></packagelist></group></comps>' > comps
createrepo_c -q -g "$PWD/comps" repo
printf '%s\n' '[main]' "reposdir=$1/none" "cachedir=$1/cache" 'pluginpath=/none' \
  '[local]' name=local "baseurl=file://$1/repo" > dnf.conf
