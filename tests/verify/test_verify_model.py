import json
from pathlib import Path

from tactful.verify import Evidence, Failure, NearTest, Offer, TestNames, VerifyRequest, VerifyResult

OFFER = Offer(
    start=3, end=4, old_text="<", new_text="<=", description="`<` -> `<=` at line 1", chance_right=0.5, evidence=("a",)
)
FULL = VerifyResult(
    status="fixed",
    message="done",
    failures=(
        Failure(
            test_id="test_a.py::test_b",
            path="/a/test_a.py",
            line=3,
            message="assert 1 == 2",
            assertion="assert f() == 2",
            traceback_lines=(("/a/test_a.py", 3), ("/a/a.py", 0)),
            output="printed",
            values=(("x", "1"),),
        ),
    ),
    offers=(OFFER, OFFER),
    unclear=(OFFER,),
    evidence=Evidence(
        tests_before=TestNames(failed=("a",), passed=("b",)),
        tests_after=TestNames(passed=("a", "b"), skipped=("c",)),
        flaky=("d",),
        near=(NearTest(test_id="a", why="mentions f"),),
    ),
)


def through_json(value: object) -> object:
    return json.loads(json.dumps(value))


def test_result_survives_json() -> None:
    assert VerifyResult.from_json(through_json(FULL.to_json())) == FULL


def test_result_without_offers_survives_json() -> None:
    result = VerifyResult(status="no_tests", message="none")
    assert VerifyResult.from_json(through_json(result.to_json())) == result


def test_request_survives_json() -> None:
    request = VerifyRequest(
        root=Path("/a"),
        path=Path("/a/b.py"),
        text="x",
        symbol="f",
        other_texts={"/a/c.py": "y"},
        python=Path("/p"),
        fix=True,
    )
    assert VerifyRequest.from_json(through_json(request.to_json())) == request


def test_request_without_interpreter_survives_json() -> None:
    request = VerifyRequest(root=Path("/a"), path=Path("/a/b.py"), text="x", line=4)
    assert VerifyRequest.from_json(through_json(request.to_json())) == request
