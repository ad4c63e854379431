"""What Tactful adds to the protocol: its commands and code action titles; docs/protocol.md mirrors this page."""

__all__ = ["ACCEPTED", "COMMANDS", "EXPLAIN", "PAUSE", "STATUS", "VERIFY", "VERIFY_AND_FIX"]

ACCEPTED = "tactful.accepted"  # [suggestion_id]: carried by each suggestion, run by the editor on acceptance
EXPLAIN = (
    "tactful.explain"  # [uri?, silent?] -> {text, markdown, weights, ...}: why the last suggestion was shown or hidden
)
PAUSE = "tactful.pause"  # [minutes]: no suggestions for so long; 0 ends the pause
# [uri, line, last line?] -> result: run the tests near the function at that line, or those that a range touches; the
# second one offers a repair when they fail.
VERIFY = "tactful.verify"
VERIFY_AND_FIX = "tactful.verifyAndFix"

STATUS = "tactful/status"  # {state, message, percentage}: to clients with the capability experimental.tactfulStatus

COMMANDS = (ACCEPTED, EXPLAIN, PAUSE, VERIFY, VERIFY_AND_FIX)
