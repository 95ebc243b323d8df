"""The command `steppe`: reads command, names, overrides and flags, and hands them to one file of `sim/commands/`.

Exit status: 0 done, 1 a check failed, 2 bad input, 3 interrupted and resumable. Nothing is imported before `main` runs,
so that Ctrl-C has its answer from the first moment; and nothing heavy before a command needs it, so that help, lists
and refusals come at once.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sim.commands.interrupts import Interrupts


def main(arguments: list[str] | tuple[str, ...] | None = None) -> int:
    """Run the command with these arguments (by default those of the process) and return its exit status."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    interrupts = None
    try:
        from sim.commands.interrupts import Interrupts

        interrupts = Interrupts("--json" in given)
        interrupts.listen()
        return _answer(given, interrupts)
    except KeyboardInterrupt:
        if interrupts is not None:
            interrupts.calm()
        from sim.commands.call import INTERRUPTED

        exec("")  # Python ends by the signal itself, whatever is returned, where it last met one in code that is text
        message = "interrupted. What is finished is kept; the same command resumes."
        return _refuse(message, INTERRUPTED, "--json" in given)
    finally:
        if interrupts is not None:
            interrupts.end(is_process=arguments is None)


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


def _answer(given: list[str], interrupts: Interrupts) -> int:
    """Run the command; return its exit status, or that of a refusal, which is one message."""
    from sim.commands.call import BAD_INPUT, CHECK_FAILED, DONE, INTERRUPTED
    from sim.commands.progress import Unprinted, discard
    from sim.errors import AllFailed, Halted, InputError
    from sim.results.files import reason_of

    wants_json = "--json" in given
    try:
        with interrupts.meant():
            return _run(given)
    except InputError as error:
        return _refuse(str(error), BAD_INPUT, wants_json)
    except Halted as error:
        return _refuse(str(error), INTERRUPTED, wants_json)
    except AllFailed as error:
        return _refuse(str(error), CHECK_FAILED, wants_json)
    except Unprinted as unprinted:
        discard(sys.stdout)
        if isinstance(unprinted.error, BrokenPipeError):
            return DONE
        return _refuse(f"cannot print the answer: {reason_of(unprinted.error)}.", BAD_INPUT, wants_json=False)
    except MemoryError:
        message = (
            "there is not enough memory. Of a sweep set fewer engine.threads= or engine.workers=, or a smaller "
            "engine.shard_runs=; what is finished is kept."
        )
        return _refuse(message, BAD_INPUT, wants_json)
    except OSError as error:
        named = f"{error.filename}: " if error.filename is not None else ""
        return _refuse(f"{named}{reason_of(error)}.", BAD_INPUT, wants_json)


def _run(given: list[str]) -> int:
    import importlib

    from sim.commands.call import DONE, parse
    from sim.commands.progress import show

    if not given or given[0] in ("--help", "-h", "help"):
        show(usage())
        return DONE
    call = parse(given)
    command = importlib.import_module(f"sim.commands.{call.command}")
    if "--help" in call.flags:
        show(command.HELP.strip())
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
