"""The command `steppe`: reads command, names, overrides and flags, and hands them to one file of `sim/commands/`.

Exit status: 0 done, 1 a check failed, 2 bad input, 3 interrupted and resumable. Nothing is imported before `main` runs,
so that Ctrl-C has its answer from the first moment; and nothing heavy before a command needs it, so that help, lists
and refusals come at once.
"""

from __future__ import annotations

import sys


def main(arguments: list[str] | tuple[str, ...] | None = None) -> int:
    """Run the command with these arguments (by default those of the process) and return its exit status."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        return _answer(given)
    except KeyboardInterrupt:
        from sim.commands.call import INTERRUPTED

        message = "interrupted. What is finished is kept; the same command resumes."
        return _refuse(message, INTERRUPTED, "--json" in given)


def usage() -> str:
    """Return the text of `steppe --help`."""
    from sim.commands.call import COMMANDS

    commands = "\n".join(f"  {name:<10} {line}" for name, line in COMMANDS.items())
    return (
        "usage: steppe COMMAND [key=value ...]\n\n"
        f"{commands}\n\n"
        "steppe COMMAND --help gives keys and examples. With --json the last thing on standard output is one\n"
        "JSON object.\n"
        "Exit status: 0 done, 1 a check failed, 2 bad input, 3 interrupted (the same command resumes)."
    )


def _answer(given: list[str]) -> int:
    """Run the command; return its exit status, or that of a refusal, which is one message."""
    from sim.commands.call import BAD_INPUT, DONE
    from sim.commands.progress import discard
    from sim.errors import InputError
    from sim.results.files import reason_of

    wants_json = "--json" in given
    try:
        return _run(given)
    except InputError as error:
        return _refuse(str(error), BAD_INPUT, wants_json)
    except BrokenPipeError:
        discard(sys.stdout)
        return DONE
    except OSError as error:
        if error.filename is None:
            discard(sys.stdout)
            return _refuse(f"cannot print the answer: {reason_of(error)}.", BAD_INPUT, wants_json=False)
        return _refuse(f"{error.filename}: {reason_of(error)}.", BAD_INPUT, wants_json)


def _run(given: list[str]) -> int:
    import importlib

    from sim.commands.call import DONE, parse

    if not given or given[0] in ("--help", "-h", "help"):
        print(usage(), flush=True)
        return DONE
    call = parse(given)
    command = importlib.import_module(f"sim.commands.{call.command}")
    if "--help" in call.flags:
        print(command.HELP.strip(), flush=True)
        return DONE
    return int(command.main(call))


def _refuse(message: str, status: int, wants_json: bool) -> int:
    import json

    from sim.commands.progress import tell

    tell(message if message.startswith("steppe ") else f"steppe: {message}")
    if wants_json:
        tell(json.dumps({"error": message, "status": status}, ensure_ascii=False), sys.stdout)
    return status


if __name__ == "__main__":
    sys.exit(main())
