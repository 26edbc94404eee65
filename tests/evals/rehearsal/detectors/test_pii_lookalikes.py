"""What looks like personal data and is none: nothing may be found in it."""

import pytest

INNOCENT = [
    "Where is my order 20418-7731? It left on Monday.",
    "Your order number is 4417 1234 5678 9112 in our list.",
    "Ticket 1234567890 was closed yesterday.",
    "Invoice INV-2024-000123456 is due.",
    "Please install version 1.2.3.4 today.",
    "The release v10.0.19.45 fixes that.",
    "Its id is 123e4567-e89b-12d3-a456-426614174000.",
    "The commit d670460b4b4aece5915caf5c68d12f560a9fe3e4 broke it.",
    "md5 9e107d9d372bb6826bd81d3542a419d6",
    "It happened on 2024-03-15T10:22:31Z.",
    "The meeting is on 12/05 at 10:30.",
    "ISBN 978-3-16-148410-0 is out of print.",
    "The parcel 1234 5678 9012 3456 78 is on its way.",
    "Please PIN the tab to the left.",
    "I will pin 4 photos on the wall.",
    "We meet in May, and Will you come?",
    "Grace and hope are virtues, and a rose is a rose.",
    "The Jane Street office moved.",
    "She studied at Johns Hopkins University.",
    "My password is not working.",
    "How do I reset my password?",
    "The username field is empty.",
    "The password must be changed every month.",
    "It costs 1,234,567.89 dollars.",
    "The ratio is 16:9 and the score was 3:2.",
    "He ran 42.195 km in 2:03:23.",
    "Room 4217 is on floor 42.",
    "The house is 120 years old.",
    "Chapter 12, page 345, line 6789",
    "Read main.py and setup.cfg.",
    "The race began at 07:45:12.",
    "Ein Haus mit 12 Zimmern steht am Uferweg.",
    "La calle mayor tiene 45 bancos.",
    "La rue est longue de 1000 m\u00e8tres.",
    "六月には船が一日に二回出ます。",
    "La Rosa del balc\u00f3n tiene hojas nuevas.",
    "Big Ships lie in the harbour.",
    "ABSOLUTELY UNBELIEVABLE",
    "The bridge is 1234567 millimetres long.",
]


@pytest.mark.parametrize("text", INNOCENT)
def test_a_look_alike_is_left_alone(personal, text):
    """Order numbers, versions, digests, dates, names of months and places are nobody's data."""
    assert personal(text) == []


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("card number 4111 1111 1111 1112", "CREDIT_DEBIT_CARD_NUMBER"),
        ("IBAN GB00WEST12345698765432", "INTERNATIONAL_BANK_ACCOUNT_NUMBER"),
        ("VIN 1M8GDM9A1KP042788", "VEHICLE_IDENTIFICATION_NUMBER"),
        ("SIN 046 454 287", "CA_SOCIAL_INSURANCE_NUMBER"),
        ("NHS number 999 000 0019", "UK_NATIONAL_HEALTH_SERVICE_NUMBER"),
        ("SSN 000-12-3456", "US_SOCIAL_SECURITY_NUMBER"),
    ],
)
def test_a_failing_check_digit_vetoes_nothing(personal, text, rule):
    """Somebody who writes what it is means it; reserved values fail their checks on purpose."""
    assert [found for found, _ in personal(text)] == [rule]


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("CASE: 987-65-4321", "US_SOCIAL_SECURITY_NUMBER"),
        ("REF: 4111111111111111", "CREDIT_DEBIT_CARD_NUMBER"),
        ("PO:jane.doe@example.com", "EMAIL"),
    ],
)
def test_a_label_of_a_document_hides_no_sure_finding(personal, text, rule):
    """Whoever writes a card number into a reference field has still written a card number."""
    assert [found for found, _ in personal(text)] == [rule]
