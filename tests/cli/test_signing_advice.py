"""`sign` says which option to add, which key is another party's, and what the columns of an example mean."""

from api.cli.paperwork.signing_desk import proven_key
from signing.canonical import encode
from tests.cli.stage import LOG, chipledger, key_file, signer, speaking


def test_a_body_that_lacks_a_field_is_told_the_option_to_add(tmp_path):
    (tmp_path / "chips.csv").write_text("serial,model\n1,registry/m\n")
    words = ["sign", "chips.registered", tmp_path / "chips.csv", *speaking(tmp_path, "acme-semi")]
    result = chipledger(*words)
    assert result.exit_code == 2 and not list(tmp_path.glob("*.bundle.json"))
    assert "add --set site=<party>/<name>, such as --set site=acme-semi/fab-18" in result.stderr
    few = ["sign", "shipment.arrived", "--set", "shipment=a/s", "--out", tmp_path / "x"]
    result = chipledger(*few, *speaking(tmp_path, "north-dc"))
    assert result.exit_code == 2 and "has no site and no evidence" in result.stderr
    assert chipledger(*words, "--set", "site=acme-semi/fab").exit_code == 0


def test_a_key_that_another_partys_proof_vouches_for_is_doubted(tmp_path):
    (tmp_path / "chips.csv").write_text("chip\nacme:1\n")
    words = ["--log", LOG, "--occurred-at", "now", "--set", "site=lab/hall", "--replace"]

    def said(key, party):
        asked = ["sign", "chips.placed", tmp_path / "chips.csv", "--key", key, "--party", party]
        result = chipledger(*asked, *words)
        assert result.exit_code == 0, result.output
        return result.stderr

    lab, agency = key_file(tmp_path, "lab"), key_file(tmp_path, "agency")
    assert "you sign as agency with lab.pem, and agency.pem lies beside it" in said(lab, "agency")
    assert "warning" not in said(lab, "lab") + said(lab, "north-dc"), "nothing beside it says otherwise"
    proof = {"party": "agency", **proven_key(signer("agency"), LOG, "agency")}
    (tmp_path / "agency.proof.json").write_bytes(encode(proof) + b"\n")
    assert "agency.proof.json says that agency.pem is the key of agency" in said(agency, "lab")
    assert "warning" not in said(agency, "agency")
    second = tmp_path / "agency-2.pem"
    second.write_bytes(lab.read_bytes())
    assert "warning" not in said(second, "agency")


def test_the_template_of_a_site_says_how_degrees_relate():
    told = chipledger("sign", "--template", "site.declared").stderr
    assert "or instead the column latitude: degrees" in told and "millionths" in told
    assert "or instead the column bf16_tflops" in chipledger("sign", "--template", "model.listed").stderr
