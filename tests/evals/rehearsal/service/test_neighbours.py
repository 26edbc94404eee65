"""Who calls and how much is allowed, as boto3 asks two other services of the same endpoint."""

from __future__ import annotations

import boto3
import pytest
from botocore.exceptions import ClientError


@pytest.fixture
def service(endpoint_url):
    """A client of another service, pointed at the stand-in."""
    made = []

    def client(name):
        made.append(
            boto3.client(
                name,
                endpoint_url=endpoint_url,
                region_name="us-east-1",
                aws_access_key_id="any",
                aws_secret_access_key="any",
            )
        )
        return made[-1]

    yield client
    for each in made:
        each.close()


def test_caller_is_nobody_in_the_account_of_the_guardrails(aws, service):
    """The account is the one in every ARN of the stand-in."""
    identity = service("sts").get_caller_identity()

    identifier = aws.guardrail()
    arn = aws.control.get_guardrail(guardrailIdentifier=identifier)["guardrailArn"]
    assert identity["Account"] == arn.split(":")[4]
    assert "rehearsal" in identity["Arn"]


def test_quotas_of_guardrails_can_be_read(service):
    """All at once, or one by its code, under the codes that AWS publishes."""
    quotas = service("service-quotas")

    listed = {
        quota["QuotaCode"]: quota["Value"]
        for quota in quotas.list_service_quotas(ServiceCode="bedrock")["Quotas"]
    }
    one = quotas.get_service_quota(ServiceCode="bedrock", QuotaCode="L-9072D6F0")["Quota"]

    assert listed["L-9072D6F0"] == one["Value"] == 50
    assert "requests per second" in one["QuotaName"]


@pytest.mark.parametrize(
    ("name", "operation", "request_", "message"),
    [
        ("sts", "get_session_token", {}, "does not model GetSessionToken of sts"),
        ("service-quotas", "list_services", {}, "does not model ListServices of service-quotas"),
        (
            "service-quotas",
            "list_service_quotas",
            {"ServiceCode": "s3"},
            "of the service 's3'",
        ),
        (
            "service-quotas",
            "get_service_quota",
            {"ServiceCode": "bedrock", "QuotaCode": "L-00000000"},
            "has no quota 'L-00000000'",
        ),
    ],
)
def test_the_rest_is_refused_by_name(service, name, operation, request_, message):
    """Nothing else of these services is pretended."""
    with pytest.raises(ClientError, match=message):
        getattr(service(name), operation)(**request_)
