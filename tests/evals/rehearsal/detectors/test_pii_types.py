"""Every type of personal data, as usually written and disguised. All values are reserved or fictional."""

import pytest

from evals.rehearsal.detectors.pii.detector import FINDERS, TYPES

PLAIN = [
    ("EMAIL", "Write to jane.doe@example.com.", "jane.doe@example.com"),
    ("EMAIL", "cc: r.roe+lists@mail.test", "r.roe+lists@mail.test"),
    ("PHONE", "Reach me at 212-555-0142.", "212-555-0142"),
    ("PHONE", "Call (312) 555-0107 tonight", "(312) 555-0107"),
    ("PHONE", "Her mobile is +44 20 7946 0958.", "+44 20 7946 0958"),
    ("PHONE", "Office: 020 7946 0958", "020 7946 0958"),
    ("PHONE", "phone 2125550142", "2125550142"),
    ("IP_ADDRESS", "It came from 203.0.113.77 at noon.", "203.0.113.77"),
    ("IP_ADDRESS", "The server 2001:db8::8a2e:370:7334 answers.", "2001:db8::8a2e:370:7334"),
    ("MAC_ADDRESS", "Its card is 00:00:5E:00:53:AF here.", "00:00:5E:00:53:AF"),
    ("MAC_ADDRESS", "Its card is 0000.5e00.53af here.", "0000.5e00.53af"),
    ("URL", "See https://portal.example/login?user=7 first.", "https://portal.example/login?user=7"),
    ("URL", "It is at www.example.org/team.", "www.example.org/team"),
    ("ADDRESS", "I live at 123 Any Street, Any Town.", "123 Any Street, Any Town"),
    ("ADDRESS", "Send it to P.O. Box 1234.", "P.O. Box 1234"),
    ("NAME", "My name is Xiomara Quispe.", "Xiomara Quispe"),
    ("NAME", "The report was written by Jane Doe last week.", "Jane Doe"),
    ("NAME", "Ask Dr. Salazar about it.", "Salazar"),
    ("NAME", "It belongs to Saanvi Sarkar now.", "Saanvi Sarkar"),
    ("AGE", "The tenant is 34 years old.", "34 years old"),
    ("AGE", "Patient, aged 71, from the north", "71"),
    ("USERNAME", "Her user name is mmajor-test there.", "mmajor-test"),
    ("USERNAME", "I log in as jdoe_example every day.", "jdoe_example"),
    ("PASSWORD", "The password is ExamplePassw0rd! now.", "ExamplePassw0rd!"),
    ("PASSWORD", "the wireless password Demo!Secret77 on a card", "Demo!Secret77"),
    ("PASSWORD", "passwd: Correct-Horse-Example-1", "Correct-Horse-Example-1"),
    ("AWS_ACCESS_KEY", "key AKIAIOSFODNN7EXAMPLE leaked", "AKIAIOSFODNN7EXAMPLE"),
    (
        "AWS_SECRET_KEY",
        "AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    ),
    ("CREDIT_DEBIT_CARD_NUMBER", "Pay with 4111111111111111 please", "4111111111111111"),
    ("CREDIT_DEBIT_CARD_NUMBER", "amex 378282246310005", "378282246310005"),
    ("CREDIT_DEBIT_CARD_CVV", "The CVV is 123.", "123"),
    ("CREDIT_DEBIT_CARD_CVV", "security code: 1234", "1234"),
    ("CREDIT_DEBIT_CARD_EXPIRY", "It expires 01/30.", "01/30"),
    ("CREDIT_DEBIT_CARD_EXPIRY", "expiry date 12/2099", "12/2099"),
    ("PIN", "My PIN is 0000.", "0000"),
    ("PIN", "PIN code 9999", "9999"),
    ("SWIFT_CODE", "BIC ABCDUS30XXX", "ABCDUS30XXX"),
    ("SWIFT_CODE", "The code DEUTDEF0 is new.", "DEUTDEF0"),
    ("INTERNATIONAL_BANK_ACCOUNT_NUMBER", "to GB82WEST12345698765432 today", "GB82WEST12345698765432"),
    ("US_BANK_ACCOUNT_NUMBER", "account number 000123456789", "000123456789"),
    ("US_BANK_ROUTING_NUMBER", "routing number 110000000", "110000000"),
    ("US_SOCIAL_SECURITY_NUMBER", "SSN 987-65-4320", "987-65-4320"),
    ("US_SOCIAL_SECURITY_NUMBER", "social security number 987654321", "987654321"),
    ("US_INDIVIDUAL_TAX_IDENTIFICATION_NUMBER", "ITIN 900-70-0000", "900-70-0000"),
    ("US_PASSPORT_NUMBER", "passport number A00000000", "A00000000"),
    ("US_PASSPORT_NUMBER", "Her passport is L898902C3.", "L898902C3"),
    ("DRIVER_ID", "driver's license I1234562", "I1234562"),
    ("DRIVER_ID", "the licence MORGA753116SM9IJ expired", "MORGA753116SM9IJ"),
    ("LICENSE_PLATE", "license plate 2GAT123", "2GAT123"),
    ("LICENSE_PLATE", "number plate ZZ99 ZZZ", "ZZ99 ZZZ"),
    ("VEHICLE_IDENTIFICATION_NUMBER", "the car 1M8GDM9AXKP042788 was sold", "1M8GDM9AXKP042788"),
    ("UK_NATIONAL_INSURANCE_NUMBER", "NINO QQ 12 34 56 C", "QQ 12 34 56 C"),
    ("UK_NATIONAL_HEALTH_SERVICE_NUMBER", "NHS number 999 000 0018", "999 000 0018"),
    ("UK_UNIQUE_TAXPAYER_REFERENCE_NUMBER", "UTR 12345 67890", "12345 67890"),
    ("CA_SOCIAL_INSURANCE_NUMBER", "SIN 046 454 286", "046 454 286"),
    ("CA_HEALTH_NUMBER", "health card 5584-486-674-YM", "5584-486-674-YM"),
]

IN_OTHER_LANGUAGES = [
    ("ADDRESS", "Vivo en Calle Ejemplo 12, 00000 Villa Muestra.", "Calle Ejemplo 12, 00000 Villa Muestra"),
    (
        "ADDRESS",
        "J'habite 12 rue de l'Exemple, 00000 Exempleville.",
        "12 rue de l'Exemple, 00000 Exempleville",
    ),
    (
        "ADDRESS",
        "Ich wohne in der Musterstra\u00dfe 12, 00000 Musterstadt.",
        "Musterstra\u00dfe 12, 00000 Musterstadt",
    ),
    ("ADDRESS", "住所は 見本県例示市見本町1-2-3 です。", "見本県例示市見本町1-2-3"),
    ("NAME", "Me llamo Zoilo Quispe y no puedo entrar.", "Zoilo Quispe"),
    ("NAME", "La se\u00f1ora Quispe llega tarde.", "Quispe"),
    ("NAME", "Je m'appelle Zo\u00e9 Untel.", "Zo\u00e9 Untel"),
    ("NAME", "Ich hei\u00dfe Lieschen M\u00fcller.", "Lieschen M\u00fcller"),
    ("NAME", "私の名前は山田太郎です。", "山田太郎"),
    ("NAME", "佐藤様からの荷物", "佐藤"),
    ("PHONE", "Appelez le 01 99 00 12 34 demain.", "01 99 00 12 34"),
    ("PHONE", "Rufen Sie 030 23125 101 an.", "030 23125 101"),
]

BY_SURROUNDINGS = [
    ("NAME", "Quorra Zyglot lives next door.", "Quorra Zyglot"),
    ("NAME", "Quorra Zyglot\n12 Any Street\nAny Town", "Quorra Zyglot"),
    ("NAME", "The book by Quorra Zyglot is out.", "Quorra Zyglot"),
    ("ADDRESS", "14 Zyglotgata 7 Apt. 316", "14 Zyglotgata 7 Apt. 316"),
    ("ADDRESS", "I'll meet you at 14 Zyglotgata 7.", "14 Zyglotgata 7"),
    ("ADDRESS", "Unit 0000 Box 0000, DPO AA 00000", "Unit 0000 Box 0000, DPO AA 00000"),
]

DISGUISED = [
    ("EMAIL", "jane.doe [at] example [dot] com", "jane.doe [at] example [dot] com"),
    ("PHONE", "call 212\N{EN DASH}555\N{EN DASH}0142", "212\N{EN DASH}555\N{EN DASH}0142"),
    ("PHONE", "call 212.555.0142 now", "212.555.0142"),
    ("CREDIT_DEBIT_CARD_NUMBER", "card 4111-1111-1111-1111", "4111-1111-1111-1111"),
    ("CREDIT_DEBIT_CARD_NUMBER", "card 41 11 11 11 11 11 11 11", "41 11 11 11 11 11 11 11"),
    ("CREDIT_DEBIT_CARD_NUMBER", "\uff14111111111111111", "\uff14111111111111111"),
    ("US_SOCIAL_SECURITY_NUMBER", "987\N{NO-BREAK SPACE}65\N{NO-BREAK SPACE}4321", "987\xa065\xa04321"),
    ("US_SOCIAL_SECURITY_NUMBER", "987.65.4321", "987.65.4321"),
    ("INTERNATIONAL_BANK_ACCOUNT_NUMBER", "DE89 3704 0044 0532 0130 00", "DE89 3704 0044 0532 0130 00"),
    ("INTERNATIONAL_BANK_ACCOUNT_NUMBER", "gb82west12345698765432", "gb82west12345698765432"),
    ("UK_NATIONAL_INSURANCE_NUMBER", "QQ123456A", "QQ123456A"),
    ("PASSWORD", '{"field": "Password", "value": "Sample#Pass2024"}', "Sample#Pass2024"),
    ("USERNAME", '{"field": "User name", "value": "test_user42"}', "test_user42"),
    ("PIN", '{"PIN": "1234"}', "1234"),
    ("CREDIT_DEBIT_CARD_CVV", '{"cvv": "123"}', "123"),
    ("EMAIL", "| e-mail | jane.doe@example.com |", "jane.doe@example.com"),
    (
        "NAME",
        "Jane O\N{RIGHT SINGLE QUOTATION MARK}Neill signed it.",
        "Jane O\N{RIGHT SINGLE QUOTATION MARK}Neill",
    ),
]


@pytest.mark.parametrize(("rule", "text", "value"), PLAIN)
def test_a_usual_form_is_found_whole_and_as_its_type(personal, rule, text, value):
    """All recognisers compete, and the right one wins with the right extent."""
    assert (rule, value) in personal(text)


@pytest.mark.parametrize(("rule", "text", "value"), IN_OTHER_LANGUAGES)
def test_names_and_places_to_reach_somebody_are_found_in_other_languages(personal, rule, text, value):
    """Spanish, French, German, Japanese: the types that the batch has in them."""
    assert (rule, value) in personal(text)


@pytest.mark.parametrize(("rule", "text", "value"), BY_SURROUNDINGS)
def test_what_no_list_knows_is_found_by_what_stands_around_it(personal, rule, text, value):
    """Half of the names of people are in no list, and most streets."""
    assert (rule, value) in personal(text)


@pytest.mark.parametrize(("rule", "text", "value"), DISGUISED)
def test_a_disguised_form_is_found_all_the_same(personal, rule, text, value):
    """Other separators, wide digits, special spaces and dashes, JSON and table cells hide nothing."""
    assert (rule, value) in personal(text)


def test_every_type_has_a_positive_case():
    """No recogniser goes untested."""
    assert {rule for rule, _, _ in PLAIN} == TYPES


def test_all_31_types_of_bedrock_are_looked_for():
    """The service model's enum is the list."""
    import botocore.session

    model = botocore.session.get_session().get_service_model("bedrock-runtime")

    assert set(model.shape_for("GuardrailPiiEntityType").enum) == TYPES
    assert {finder.rule for finder in FINDERS} == TYPES
