"""The sandbox's own certificate authority and what it signs, made anew at each start."""

import os
import subprocess

from parts.places import CERTIFICATES, SandboxError

DAYS = "30"


def openssl(*arguments):
    """Runs openssl and fails with what it said."""
    try:
        result = subprocess.run(["openssl", *arguments], capture_output=True, text=True, cwd=CERTIFICATES, check=False)
    except FileNotFoundError:
        raise SandboxError("openssl is missing: install the package openssl") from None
    if result.returncode:
        raise SandboxError(f"openssl {arguments[0]} failed:\n{result.stderr.strip()}")


def make_key(name):
    """A private key that only its owner can read."""
    openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", f"{name}.key")
    os.chmod(CERTIFICATES / f"{name}.key", 0o600)


def make_authority(name):
    """A certificate authority."""
    make_key(name)
    openssl(
        "req",
        "-x509",
        "-new",
        "-key",
        f"{name}.key",
        "-subj",
        f"/CN=sandbox {name}",
        "-days",
        DAYS,
        "-out",
        f"{name}.crt",
        "-addext",
        "keyUsage=critical,keyCertSign,cRLSign",
    )


def make_certificate(name, subject, use, authority="authority"):
    """A key and a certificate of the authority; use is serverAuth or clientAuth."""
    make_key(name)
    names = "IP:127.0.0.1,DNS:localhost,DNS:kubernetes,DNS:kubernetes.default,DNS:kubernetes.default.svc"
    extensions = [
        "[extensions]",
        "basicConstraints=critical,CA:FALSE",
        "keyUsage=critical,digitalSignature",
        f"extendedKeyUsage={use}",
        *([f"subjectAltName={names}"] if use == "serverAuth" else []),
    ]
    (CERTIFICATES / f"{name}.cnf").write_text("\n".join(extensions) + "\n")
    openssl("req", "-new", "-key", f"{name}.key", "-subj", subject, "-out", f"{name}.csr")
    openssl(
        "x509",
        "-req",
        "-in",
        f"{name}.csr",
        "-CA",
        f"{authority}.crt",
        "-CAkey",
        f"{authority}.key",
        "-CAcreateserial",
        "-days",
        DAYS,
        "-extfile",
        f"{name}.cnf",
        "-extensions",
        "extensions",
        "-out",
        f"{name}.crt",
    )


def make_all():
    """All keys and certificates that the sandbox works with."""
    CERTIFICATES.mkdir(parents=True, exist_ok=True)
    os.chmod(CERTIFICATES, 0o700)
    make_authority("authority")
    make_certificate("kube-apiserver", "/CN=kube-apiserver", "serverAuth")
    make_certificate("kube-scheduler", "/CN=kube-scheduler", "serverAuth")
    make_certificate("token-webhook", "/CN=token-webhook", "serverAuth")
    make_certificate("admin", "/O=system:masters/CN=admin", "clientAuth")
    make_certificate("scheduler", "/CN=system:kube-scheduler", "clientAuth")
    make_key("service-account")
    openssl("pkey", "-in", "service-account.key", "-pubout", "-out", "service-account.pub")
