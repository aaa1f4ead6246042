"""`mysql_query`: statements run on a MySQL or MariaDB server, and what they gave."""

import time

from understudy.modules.shared import mysql, mysql_values

ALWAYS_CHANGE = ("CREATE", "DROP", "ALTER", "RENAME", "TRUNCATE")
CHANGE_ROWS = ("INSERT", "UPDATE", "DELETE", "REPLACE")
"""First words of statements; Ansible takes no other for a change, not even a LOAD or a GRANT."""


def run(args, target):
    """Run the statements one after another; the first that fails ends it."""
    if target.check_mode:
        msg = "remote module (community.mysql.mysql_query) does not support check mode"
        return {"skipped": True, "msg": msg}
    queries = _texts(args["query"], target)
    settings = mysql.Settings(args, args.get("login_db"))
    try:
        session = mysql.connect(settings, autocommit=not args.get("single_transaction"))
    except (mysql_values.SqlError, OSError, ValueError) as error:
        target.fail(mysql.why_not(settings, error, is_query=True))
    try:
        _set_variables(session, args.get("session_vars") or {}, target)
        return _run_all(session, queries, args, target)
    finally:
        session.close()


def _texts(query, target):
    if isinstance(query, str):
        return [query]
    if not isinstance(query, list):
        target.fail("the query option value must be a string or list, passed %s" % type(query))
    for one in query:
        if not isinstance(one, str):
            text = "the elements in query list must be strings, passed '%s' %s"
            target.fail(text % (one, type(one)))
    return query


def _set_variables(session, variables, target):
    for name, value in variables.items():
        try:
            literal = mysql_values.literal(value, session.status)
            sql = "SET SESSION %s = %s" % (mysql_values.identifier(name), literal)
            session.execute(sql)
        except (mysql_values.SqlError, TypeError, ValueError) as error:
            target.fail("Failed to execute SET SESSION `%s` = %s: %s" % (name, value, error))


def _run_all(session, queries, args, target):
    values = args.get("positional_args") or args.get("named_args")
    result = {
        "changed": False,
        "executed_queries": [],
        "execution_time_ms": [],
        "query_result": [],
        "rowcount": [],
    }
    for query in queries:
        try:
            sql = mysql_values.filled(query, values, session.status)
            start = time.perf_counter()
            answer = session.execute(sql)
        except (mysql_values.SqlError, KeyError, TypeError, ValueError) as error:
            target.fail("Cannot execute SQL '%s' args [%s]: %s" % (query, values, error))
        result["execution_time_ms"].append(round((time.perf_counter() - start) * 1000, 4))
        result["executed_queries"].append(sql)
        result["query_result"].append(
            [{name: mysql_values.plain(row[name]) for name in row} for row in answer.rows]
        )
        result["rowcount"].append(answer.affected)
        result["changed"] = _changes(sql, answer.affected) or result["changed"]
    if args.get("single_transaction"):
        session.execute("COMMIT")
    return result


def _changes(sql, affected):
    start = sql.lstrip().upper()
    return start.startswith(ALWAYS_CHANGE) or (start.startswith(CHANGE_ROWS) and affected > 0)
