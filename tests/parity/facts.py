"""The facts that cases pin, by number: one line each, in the order of what they are about.

GOTCHAS are the facts that are commonly got wrong; every one within reach of the local connection
has a case. OUT_OF_REACH says why a fact has none.
"""

from __future__ import annotations

TITLES = {
    1: "the default of poll is 15 s and can be set",
    2: "async, poll, retries and delay: types, and the places that accept them",
    3: "retries has no default without until; delay is 5 s, may be a fraction or 0",
    4: "async and the like may be templates, rendered after when",
    5: "actions that do not support async refuse it before they run",
    6: "launching an async job costs several round trips",
    7: "form and place of a job id and its file",
    8: "a launch always reports changed, so handlers are notified at once",
    9: "started and finished are booleans",
    10: "what stands in the job file while running and afterwards",
    11: "a running job shows no output",
    12: "streams, session and process group of a job",
    13: "a polled task sleeps before its first check",
    14: "errors of single checks are swallowed until the time is up",
    15: "a polled job ends as its module's result, and its file is removed",
    16: "the two time-outs of a polled job",
    17: "the watcher kills the job's process group",
    18: "what is printed while a job is polled",
    19: "a waiting host holds one of the forks",
    20: "polled items of a loop run one after another",
    21: "timeout ends the task, whatever retries and failed_when say",
    22: "arguments of async_status, and check mode",
    23: "an unknown job id is finished and failed",
    24: "one check per call; a loop awaits its items in turn",
    25: "a failed job makes async_status fail",
    26: "cleaning up removes the file, not the job",
    27: "the tests finished and started",
    28: "attempts are one more than retries",
    29: "what attempts counts, on success and on exhaustion",
    30: "with retries 0 until is not evaluated",
    31: "retries without until repeats while the task fails",
    32: "the order of decisions in one attempt",
    33: "skipped results and errors in conditions",
    34: "an exhausted task with failed_when false counts as ok",
    35: "raised errors and lost hosts are not retried",
    36: "when and the arguments are evaluated once, before the first attempt",
    37: "what a loop registers",
    38: "conditions must yield a boolean",
    39: "until on a job that was only launched",
    40: "what is printed for each retry",
    41: "async in check mode",
    42: "handlers may be async, and are notified by a job's real result",
    43: "a play does not wait for jobs that nobody polls",
    44: "several fact modules at once",
    45: "supported Python versions",
    46: "only a text that is one expression keeps its type",
    47: "null, booleans and comments inside longer texts",
    48: "values are lazy below the variable",
    49: "values are remembered for one rendering only",
    50: "errors in texts that nobody reads are no errors",
    51: "conditions that are themselves templates",
    52: "hostvars are rendered in the other host's scope, without play variables",
    53: "delegation changes the connection and no other variable",
    54: "k=v words are split before rendering, a command line after",
    55: "arguments as a dict, and omit",
    56: "types of inventory values and of extra variables",
    57: "a variable that names itself; loops and when",
    58: "local commands run in the playbook's folder",
    59: "a background child does not hold a command back",
}

GOTCHAS = frozenset({1, 2, 7, 8, 13, 16, 19, 22, 26, 28, 29, 30, 34, 35, 46, 48, 49, 53})

OUT_OF_REACH = {
    6: "counted at the connection; results do not show it",
    12: "shown by processes, not by results; a test of the agent's",
    14: "needs a connection that is lost and comes back",
    44: "internal to fact gathering, results do not show it",
    45: "a statement about versions",
}
