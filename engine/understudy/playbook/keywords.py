"""Every keyword of ansible-core 2.19: where it may stand, its type, and how it is passed on.

The parser, the JSON Schemas in `schemas/` and the documentation all come from `KEYWORDS`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum, Flag, auto
from functools import cache

from understudy.playbook import kinds
from understudy.playbook.kinds import Kind


class Place(Flag):
    """The mappings of a playbook that have keywords."""

    PLAY = auto()
    ROLE = auto()
    BLOCK = auto()
    TASK = auto()
    HANDLER = auto()
    INCLUDE_TASKS = auto()
    IMPORT_TASKS = auto()
    INCLUDE_ROLE = auto()
    IMPORT_ROLE = auto()
    IMPORT_PLAYBOOK = auto()
    LOOP_CONTROL = auto()

    @property
    def words(self) -> str:
        """What stands there, with its article."""
        return _WORDS[self]


_WORDS = {
    Place.PLAY: "a play",
    Place.ROLE: "a role",
    Place.BLOCK: "a block",
    Place.TASK: "a task",
    Place.HANDLER: "a handler",
    Place.INCLUDE_TASKS: "`include_tasks`",
    Place.IMPORT_TASKS: "`import_tasks`",
    Place.INCLUDE_ROLE: "`include_role`",
    Place.IMPORT_ROLE: "`import_role`",
    Place.IMPORT_PLAYBOOK: "`import_playbook`",
    Place.LOOP_CONTROL: "`loop_control`",
}

PLAY, BLOCK, HANDLER, CONTROL = Place.PLAY, Place.BLOCK, Place.HANDLER, Place.LOOP_CONTROL
TASKS = Place.TASK | Place.HANDLER
IMPORTS = Place.IMPORT_TASKS | Place.IMPORT_ROLE
INCLUDES = Place.INCLUDE_TASKS | Place.INCLUDE_ROLE
BELOW_PLAY = Place.ROLE | BLOCK | TASKS | IMPORTS
EVERY_LEVEL = PLAY | Place.IMPORT_PLAYBOOK | BELOW_PLAY
EVERYWHERE = EVERY_LEVEL | INCLUDES


class Rendered(Enum):
    """Whether a keyword's templates are evaluated."""

    NEVER = "never"
    AT_RUN = "when it is run"
    AS_EXPRESSION = "the text is an expression, without braces"


class Passed(Enum):
    """How a keyword reaches the tasks inside what it stands on."""

    NOT = "it does not"
    NEAREST = "the nearest one counts"
    ADDED = "all of them count"


@dataclass(frozen=True, slots=True)
class Keyword:
    """One keyword, with what it means in one line."""

    places: Place
    name: str
    kind: Kind
    meaning: str
    rendered: Rendered = Rendered.AT_RUN
    passed: Passed = Passed.NOT


NEVER, EXPRESSION = Rendered.NEVER, Rendered.AS_EXPRESSION


def _nearest(
    name: str,
    kind: Kind,
    meaning: str,
    *,
    places: Place = EVERY_LEVEL,
    rendered: Rendered = Rendered.AT_RUN,
) -> Keyword:
    return Keyword(places, name, kind, meaning, rendered, Passed.NEAREST)


def _added(
    name: str,
    kind: Kind,
    meaning: str,
    *,
    places: Place = EVERY_LEVEL,
    rendered: Rendered = Rendered.AT_RUN,
) -> Keyword:
    return Keyword(places, name, kind, meaning, rendered, Passed.ADDED)


_OF_PLAYS = (
    Keyword(PLAY, "fact_path", kinds.TEXT, "Directory of local facts on the hosts."),
    Keyword(PLAY, "force_handlers", kinds.BOOL, "Run notified handlers also on hosts that failed."),
    Keyword(PLAY, "gather_facts", kinds.BOOL, "Gather facts of the hosts first."),
    Keyword(PLAY, "gather_subset", kinds.TEXTS, "Which facts to gather."),
    Keyword(PLAY, "gather_timeout", kinds.INT, "Seconds for gathering one kind of facts."),
    Keyword(PLAY, "handlers", kinds.TASKS, "Tasks that run when a change notifies them."),
    Keyword(PLAY, "hosts", kinds.TEXTS, "The hosts of the play: names, groups, patterns."),
    Keyword(
        PLAY, "max_fail_percentage", kinds.PERCENT, "End the play when more hosts of a batch fail."
    ),
    Keyword(PLAY, "order", kinds.TEXT, "The order in which hosts are taken."),
    Keyword(PLAY, "post_tasks", kinds.TASKS, "Tasks after `tasks`."),
    Keyword(PLAY, "pre_tasks", kinds.TASKS, "Tasks before roles."),
    Keyword(PLAY, "roles", kinds.ROLES, "Roles of the play."),
    Keyword(PLAY, "serial", kinds.SIZES, "How many hosts to take at a time."),
    Keyword(PLAY, "strategy", kinds.TEXT, "How hosts go through the tasks."),
    Keyword(PLAY, "tasks", kinds.TASKS, "The tasks of the play."),
    Keyword(PLAY, "vars_files", kinds.FILES, "Files of variables."),
    Keyword(PLAY, "vars_prompt", kinds.MAPPINGS, "Variables to ask for."),
)

_OF_BLOCKS = (
    Keyword(BLOCK, "always", kinds.TASKS, "Tasks that run in any case after the block."),
    Keyword(BLOCK, "block", kinds.TASKS, "The tasks of the block."),
    Keyword(BLOCK, "rescue", kinds.TASKS, "Tasks that run when one of the block failed."),
)

_OF_TASKS = (
    Keyword(TASKS, "action", kinds.ACTION, "The module to call, with its arguments."),
    Keyword(TASKS | IMPORTS | INCLUDES, "args", kinds.ARGUMENTS, "More arguments for the module."),
    Keyword(
        TASKS | IMPORTS,
        "async",
        kinds.INT,
        "Run as a background job, for this many seconds at most.",
    ),
    Keyword(
        TASKS | IMPORTS,
        "changed_when",
        kinds.CONDITIONS,
        "When the result counts as a change.",
        EXPRESSION,
    ),
    Keyword(TASKS | IMPORTS, "delay", kinds.FLOAT, "Seconds between two attempts; 5 if not given."),
    Keyword(
        TASKS | IMPORTS,
        "failed_when",
        kinds.CONDITIONS,
        "When the result counts as a failure.",
        EXPRESSION,
    ),
    Keyword(HANDLER, "listen", kinds.TEXTS, "Further names to notify the handler by.", NEVER),
    Keyword(TASKS, "local_action", kinds.ACTION, "As `action`, on the controller."),
    Keyword(TASKS | INCLUDES, "loop", kinds.LOOP, "Run once for each element of a list."),
    Keyword(TASKS | IMPORTS | INCLUDES, "loop_control", kinds.MAPPING, "How to loop."),
    Keyword(EVERYWHERE, "name", kinds.TEXT, "What is printed for it."),
    Keyword(
        TASKS | IMPORTS,
        "poll",
        kinds.INT,
        "Seconds between checks of a background job; 15 if not given, 0 does not wait.",
    ),
    Keyword(
        TASKS | IMPORTS | INCLUDES,
        "register",
        kinds.NAME,
        "The variable that takes the result.",
        NEVER,
    ),
    Keyword(
        TASKS | IMPORTS,
        "retries",
        kinds.INT,
        "How often to try again; 3 with `until` if not given.",
    ),
    Keyword(TASKS | IMPORTS, "until", kinds.CONDITIONS, "Try again until this holds.", EXPRESSION),
)

_PASSED_ON = (
    _nearest("any_errors_fatal", kinds.BOOL, "A failure on one host ends the play for all."),
    _nearest("become", kinds.BOOL, "Become another user for the task."),
    _nearest("become_exe", kinds.TEXT, "Path of the program that changes the user."),
    _nearest("become_flags", kinds.TEXT, "Options for the program that changes the user."),
    _nearest("become_method", kinds.TEXT, "How to become the user: `sudo`, `su` or another."),
    _nearest("become_user", kinds.TEXT, "The user to become."),
    _nearest("check_mode", kinds.BOOL, "Only tell what would change."),
    _nearest(
        "collections",
        kinds.TEXTS,
        "Collections to look for modules in.",
        rendered=NEVER,
        places=EVERYWHERE & ~Place.IMPORT_PLAYBOOK,
    ),
    _nearest("connection", kinds.TEXT, "How the host is reached."),
    _nearest("debugger", kinds.TEXT, "When to open the task debugger.", places=EVERYWHERE),
    _nearest(
        "delegate_facts", kinds.BOOL, "Facts belong to the host delegated to.", places=BELOW_PLAY
    ),
    _nearest(
        "delegate_to", kinds.TEXT, "Run on this host in place of the task's own.", places=BELOW_PLAY
    ),
    _nearest("diff", kinds.BOOL, "Show the differences in files."),
    _added("environment", kinds.ENVIRONMENT, "Environment variables for the module."),
    _nearest("ignore_errors", kinds.BOOL, "Go on after a failure.", places=EVERYWHERE),
    _nearest("ignore_unreachable", kinds.BOOL, "Go on with a host that could not be reached."),
    _added("module_defaults", kinds.DEFAULTS, "Default arguments for modules."),
    _nearest("no_log", kinds.BOOL, "Hide arguments and results.", places=EVERYWHERE),
    _added(
        "notify", kinds.TEXTS, "Handlers to run after a change.", places=BLOCK | TASKS | IMPORTS
    ),
    _nearest("port", kinds.INT, "Port to connect to."),
    _nearest("remote_user", kinds.TEXT, "User to log in as."),
    _nearest("run_once", kinds.BOOL, "Run on the first host only, for all.", places=EVERYWHERE),
    _added("tags", kinds.TEXTS, "Names to select tasks by.", places=EVERYWHERE),
    _nearest("throttle", kinds.INT, "How many hosts may run the task at once."),
    _nearest("timeout", kinds.INT, "Seconds after which one attempt is ended.", places=EVERYWHERE),
    _nearest("user", kinds.TEXT, "The old name of `remote_user`.", places=PLAY),
    _added("vars", kinds.VARIABLES, "Variables.", places=EVERYWHERE),
    _added(
        "when",
        kinds.CONDITIONS,
        "Only when this holds.",
        rendered=EXPRESSION,
        places=BELOW_PLAY | INCLUDES | Place.IMPORT_PLAYBOOK,
    ),
)

_OF_LOOP_CONTROL = (
    Keyword(
        CONTROL,
        "break_when",
        kinds.CONDITIONS,
        "End the loop when this holds after an element.",
        EXPRESSION,
    ),
    Keyword(CONTROL, "extended", kinds.BOOL, "Give the variable `ansible_loop`."),
    Keyword(CONTROL, "extended_allitems", kinds.BOOL, "Whether `ansible_loop` holds all elements."),
    Keyword(
        CONTROL, "index_var", kinds.NAME, "The variable that takes the element's number.", NEVER
    ),
    Keyword(CONTROL, "label", kinds.ANYTHING, "What is printed for an element."),
    Keyword(
        CONTROL,
        "loop_var",
        kinds.NAME,
        "The variable that takes the element; `item` if not given.",
        NEVER,
    ),
    Keyword(CONTROL, "pause", kinds.FLOAT, "Seconds between two elements."),
)
_TABLE = (*_OF_PLAYS, *_OF_BLOCKS, *_OF_TASKS, *_PASSED_ON, *_OF_LOOP_CONTROL)


KEYWORDS: Mapping[str, Keyword] = {keyword.name: keyword for keyword in _TABLE}

LOOP_PREFIX = "with_"
LOOP_PLACES = TASKS | INCLUDES
"""Where `with_<lookup>` may stand."""
REMOVED: Mapping[str, str] = {
    "accelerate": "use `connection: ssh`",
    "accelerate_ipv6": "use `connection: ssh`",
    "accelerate_port": "use `connection: ssh`",
    "always_run": "write `check_mode: false`",
    "first_available_file": "use `with_first_found`",
    "su": "write `become: true` and `become_method: su`",
    "su_user": "write `become_user`",
    "sudo": "write `become: true`",
    "sudo_user": "write `become_user`",
}
"""Keywords of old releases, and what to write instead."""


@cache
def keywords_of(place: Place) -> Mapping[str, Keyword]:
    """Return the keywords that may stand in a place."""
    return {k.name: k for k in _TABLE if place in k.places}


def is_keyword(name: str) -> bool:
    """Tell whether a name is a keyword of anything but `loop_control`, whose names are common."""
    return name in KEYWORDS and KEYWORDS[name].places != Place.LOOP_CONTROL


def places_of(name: str) -> Iterator[Place]:
    """Yield the places where a keyword may stand; none for an unknown one."""
    if name in KEYWORDS:
        yield from KEYWORDS[name].places
