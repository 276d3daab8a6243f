# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
import datetime as dt
from collections.abc import Callable

from router.records import Facts, Owner, PersonRole, ReferenceKind

FIND = Callable[..., Facts]

LAWYER = """Kanzlei Sommerfeld & Partner
Rechtsanwältin Dr. Katrin Sommerfeld
Berliner Straße 4, 04981 Auenfurt

Mein Zeichen: 214/26 KS
Ihr Zeichen: 33.4-475-118204

In Sachen Omar Al-Khatib, geb. 03.05.1991, syrischer Staatsangehöriger

Sehr geehrte Damen und Herren,

ich zeige an, dass ich Herrn Omar Al-Khatib anwaltlich vertrete. Vollmacht liegt bei.
Ich beantrage Akteneinsicht bis zum 30.03.2026.

Mit freundlichen Grüßen

Dr. Katrin Sommerfeld
Rechtsanwältin
"""
HOST = """Gerlinde Baumgart
Am Mühlbach 7
04981 Auenfurt

Verpflichtungserklärung für einen Besuch

Sehr geehrte Frau Meyer,

ich möchte meine Schwiegermutter, Frau Lyudmila Petrenko, geboren am 14. Februar 1958, ukrainische Staatsangehörige,
für drei Monate zu mir einladen und dafür eine Verpflichtungserklärung abgeben. Ich übernehme alle Kosten.

Mit freundlichen Grüßen
Gerlinde Baumgart
"""
CHILD = """Sehr geehrte Damen und Herren,

hiermit beantrage ich die Aufenthaltserlaubnis für meine Tochter Amina Yusufzai, geboren am 02.11.2024 in Auenfurt.
Die Geburtsurkunde liegt bei. Ich selbst habe eine Aufenthaltserlaubnis nach § 25 Abs. 2 AufenthG.

Mit freundlichen Grüßen
Shabnam Yusufzai
"""
ENGLISH = """Dear Sir or Madam,

my name is Rahul Deshpande, born on 21 June 1996, Indian citizen. I am employed as a software engineer and
would like to extend my EU Blue Card. Your reference: 33.2-436-220917. Please answer by 15 December 2026.

Kind regards,
Rahul Deshpande
"""


def roles(facts: Facts) -> dict[str, PersonRole]:
    return {f"{person.given_names} {person.surname}": person.role for person in facts.persons}


def test_a_lawyer_and_her_client(facts_of: FIND) -> None:
    facts = facts_of(LAWYER)
    found = roles(facts)
    assert set(found) == {"Katrin Sommerfeld", "Omar Al-Khatib"}
    assert found["Omar Al-Khatib"] is PersonRole.CONCERNED
    assert found["Katrin Sommerfeld"] is not PersonRole.CONCERNED
    client = next(person for person in facts.persons if person.surname == "Al-Khatib")
    assert (client.birth_date, client.nationality) == (dt.date(1991, 5, 3), "475")
    assert [(r.kind, r.value, r.owner) for r in facts.references] == [
        (ReferenceKind.OTHER, "214/26", Owner.THEIRS),
        (ReferenceKind.OWN, "33.4-475-118204", Owner.OURS),
    ]
    assert [(d.date, d.words) for d in facts.deadlines] == [(dt.date(2026, 3, 30), "bis zum 30.03.2026")]
    assert facts.language == "de"


def test_a_host_and_her_guest(facts_of: FIND) -> None:
    facts = facts_of(HOST)
    found = roles(facts)
    assert found["Lyudmila Petrenko"] is PersonRole.CONCERNED
    assert found["Gerlinde Baumgart"] is not PersonRole.CONCERNED
    guest = next(person for person in facts.persons if person.surname == "Petrenko")
    assert (guest.birth_date, guest.nationality) == (dt.date(1958, 2, 14), "166")
    assert [person for person, _place in facts.addressees] == ["meyer"]


def test_a_mother_and_her_child(facts_of: FIND) -> None:
    facts = facts_of(CHILD)
    found = roles(facts)
    assert found["Amina Yusufzai"] is PersonRole.CONCERNED
    assert found["Shabnam Yusufzai"] is not PersonRole.CONCERNED
    assert {p.given_names: p.birth_date for p in facts.persons} == {"Amina": dt.date(2024, 11, 2), "Shabnam": None}


def test_an_english_mail_about_the_writer(facts_of: FIND) -> None:
    facts = facts_of(ENGLISH)
    assert roles(facts) == {"Rahul Deshpande": PersonRole.CONCERNED}
    assert facts.persons[0].birth_date == dt.date(1996, 6, 21)
    assert [(r.value, r.owner) for r in facts.references] == [("33.2-436-220917", Owner.OURS)]
    assert [d.date for d in facts.deadlines] == [dt.date(2026, 12, 15)]
    assert facts.language == "en"


def test_facts_know_where_they_stand(facts_of: FIND) -> None:
    facts = facts_of(LAWYER)
    places = [p.place for p in facts.persons] + [r.place for r in facts.references] + [d.place for d in facts.deadlines]
    assert all(place is not None and place.page == 1 and place.ocr_confidence == 1.0 for place in places)
    assert len({place.box for place in places if place is not None}) == len(places)


def test_the_text_model_sees_nobody(facts_of: FIND) -> None:
    for text in (LAWYER, HOST, CHILD, ENGLISH):
        facts = facts_of(text)
        masked = facts.masked_text
        for person in facts.persons:
            assert person.surname not in masked
            assert not person.given_names or person.given_names not in masked
        assert not any(r.value in masked for r in facts.references)
        assert "04981" not in masked
    assert "Akteneinsicht" in facts_of(LAWYER).masked_text
    assert "§ 25" in facts_of(CHILD).masked_text


def test_an_empty_letter_has_no_facts(facts_of: FIND) -> None:
    facts = facts_of("")
    assert (facts.persons, facts.references, facts.deadlines, facts.masked_text) == ((), (), (), "")
    assert facts.language == "und"
