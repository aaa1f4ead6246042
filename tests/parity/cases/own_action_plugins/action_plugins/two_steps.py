from ansible.errors import AnsibleActionFail, AnsibleActionSkip, AnsibleError
from ansible.plugins.action import ActionBase


class ActionModule(ActionBase):
    _VALID_ARGS = frozenset(("name", "how"))

    def run(self, tmp=None, task_vars=None):
        result = super().run(tmp, task_vars)
        how = self._task.args.get("how")
        if how == "raise":
            raise AnsibleError("told to")
        if how == "give up":
            raise AnsibleActionFail("gave up", result={"more": 1})
        if how == "skip":
            raise AnsibleActionSkip("nothing to do")
        if how == "fail":
            return {"failed": True, "msg": "it failed", "rc": 3}
        greeting = self._templar.template(task_vars["greeting"])
        ping = self._execute_module("ping", {"data": greeting}, task_vars=task_vars)
        ran = self._low_level_execute_command("echo low; exit 2")
        result.update(
            changed=True,
            ping=ping["ping"],
            low=ran["stdout"],
            rc_of_it=ran["rc"],
            found=self._find_needle("files", "here.txt").rpartition("/")[2],
            check=self._task.check_mode,
        )
        return result
