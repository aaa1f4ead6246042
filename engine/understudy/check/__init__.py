"""Rules over a parsed playbook: each is one file with one function that yields findings."""

from collections.abc import Callable, Iterator

from understudy.check.template_syntax import template_syntax
from understudy.playbook.model import Playbook
from understudy.text.diagnostic import Diagnostic

Rule = Callable[[Playbook], Iterator[Diagnostic]]
RULES: tuple[Rule, ...] = (template_syntax,)
