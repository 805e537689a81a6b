"""How tests audit a published log, and what the report found."""

from ledger.audit.auditor import audit
from tests.audit.build import LOG_KEY, AtOnce


def checked(published, **how):
    """The report of an audit under the key of these logs, in this process."""
    return audit(published, **{"log_key": LOG_KEY, "workers": AtOnce(), **how})


def found(report):
    """Check and entry of each finding."""
    return {(finding.check, finding.index) for finding in report.findings}
