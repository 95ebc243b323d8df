"""Scenario files: composition on a base, and every mistake named."""

from pathlib import Path

import pytest

from sim.errors import InputError
from sim.scenario.reader import Scenario, list_scenarios, load_scenario

HEAD = "name: mine\ntitle: Mine\nquestion: What if?\ntag: analyst\nsource: a test\n"


def written(folder: Path, text: str, name: str = "mine") -> str:
    path = folder / f"{name}.yaml"
    path.write_text(text, encoding="utf-8")
    return str(path)


@pytest.mark.parametrize("name", list_scenarios())
def test_every_shipped_scenario_reads_and_says_what_it_asks(name: str) -> None:
    scenario = load_scenario(name)
    assert scenario.name == name
    assert scenario.question.endswith("?")


def on_base(folder: Path, base: str, own: str) -> Scenario:
    """Return a scenario with some lines, on a base with some lines."""
    written(folder, HEAD.replace("mine", "under") + base, "under")
    return load_scenario(written(folder, HEAD + "base: under.yaml\n" + own))


def test_a_base_comes_first_and_its_parameters_give_way(tmp_path: Path) -> None:
    scenario = on_base(
        tmp_path,
        "injects: [{kind: tension, start: 2025Q1, end: 2026Q1, strength: 0.5}]\n"
        "parameters: {tenders.turnover: 0.3, tenders.concession: 0.2}\n",
        "injects: [{kind: tension, start: 2026Q1, strength: 0.7}]\nparameters: {tenders.turnover: 0.9}\n",
    )
    assert [entry["start"] for _, entry in scenario.injects] == ["2025Q1", "2026Q1"]
    assert scenario.parameters == {"tenders.turnover": 0.9, "tenders.concession": 0.2}
    assert scenario.displaced == ()


@pytest.mark.parametrize(
    ("own", "stays"),
    [
        ("{kind: outage, firm: Huawei, start: 2025Q4, strength: 0.5}", False),
        ("{kind: outage, firm: Huawei, start: 2026Q1, strength: 0.5}", True),
        ("{kind: outage, firm: ZTE, start: 2025Q4, strength: 0.5}", True),
        ("{kind: sanction, firm: Huawei, start: 2025Q4, strength: 0.5}", True),
        ("{kind: outage, firm: Huawei, when: politics.tension > 0.5, strength: 0.5}", False),
        ("{kind: outage, firm: Huawei, when: politics.tension > 0.5, from: 2026Q1, strength: 0.5}", True),
        ("{kind: outage, firm: Huawei, when: politics.tension > 0.5, by: 2024Q3, for: 2, strength: 0.5}", True),
        ("{kind: outage, firm: Huawei, when: politics.tension > 0.5, by: 2024Q3, for: 3, strength: 0.5}", False),
    ],
)
def test_an_inject_takes_the_place_of_its_bases_about_the_same(tmp_path: Path, own: str, stays: bool) -> None:
    base = "injects: [{kind: outage, firm: Huawei, start: 2025Q1, for: 1 year, strength: 0.8}]\n"
    scenario = on_base(tmp_path, base, f"injects: [{own}]\n")
    places = [place for place, _ in scenario.injects]
    assert places == (["under.yaml: injects[0]"] if stays else []) + ["mine.yaml: injects[0]"]
    assert [place for place, _ in scenario.displaced] == ([] if stays else ["under.yaml: injects[0]"])


def test_a_strategy_takes_the_place_of_its_bases_for_the_same_actor(tmp_path: Path) -> None:
    told = "  - {actor: %s, budget: %d, orders: [{act: leave, institution: SCO, start: 2025Q1}]}\n"
    base = "strategies:\n" + told % ("KAZ", 1) + told % ("RUS", 1)
    scenario = on_base(tmp_path, base, "strategies:\n" + told % ("KAZ", 2))
    assert [(s.actor, s.budget) for s in scenario.strategies] == [("RUS", 1), ("KAZ", 2)]


def test_scenarios_that_stand_on_one_another_are_refused(tmp_path: Path) -> None:
    written(tmp_path, HEAD + "base: other.yaml\n")
    path = written(tmp_path, HEAD.replace("mine", "other") + "base: mine.yaml\n", "other")
    with pytest.raises(InputError, match="stand on one another"):
        load_scenario(path)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (HEAD + "injetcs: []\n", "Did you mean 'injects'"),
        (HEAD.replace("tag: analyst", "tag: rumour"), "tag: must be 'document' or 'analyst', not 'rumour'."),
        (HEAD.replace("question: What if?\n", ""), "question: is missing."),
        (HEAD + "injects: {kind: tension}\n", "injects: must be a list, not"),
        (HEAD + "parameters: {tenders.turnover: much}\n", "parameters.tenders.turnover: must be a number, not 'much'."),
        (HEAD.replace("title: Mine", "title: 3"), "title: must be text, not 3."),
        (HEAD + "base: baselin\n", "mine.yaml: base: baselin: there is no such scenario. Did you mean 'baseline'?"),
        (HEAD + "base: none.yaml\n", "mine.yaml: base: none.yaml: there is no such file."),
        (HEAD + "name: again\n", "name"),
    ],
)
def test_what_is_wrong_is_named_with_file_and_key(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(InputError) as error:
        load_scenario(written(tmp_path, text))
    assert words in str(error.value)
    assert "mine.yaml" in str(error.value)


def test_a_file_of_that_name_in_this_folder_is_offered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written(tmp_path, HEAD, "affordable_west")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match=r"scenario=affordable_west: .* Did you mean '\./affordable_west\.yaml'\?"):
        load_scenario("affordable_west")


def test_an_unknown_scenario_is_met_with_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="Did you mean 'vendor_outage'"):
        load_scenario("vendor_outtage")
    with pytest.raises(InputError, match="no such file"):
        load_scenario(str(tmp_path / "none.yaml"))
