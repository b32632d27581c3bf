"""Every test of a WebSocket runs with both libraries, on both loops."""

import asyncio
import datetime as dt
import ssl

import pytest
import uvloop
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from tests.unit.net.servers import Way, answering

from alipes.net.http import HttpPool

LOOPS = {"asyncio": asyncio.new_event_loop, "uvloop": uvloop.new_event_loop}


@pytest.fixture(params=LOOPS)
def loop_factory(request):
    return LOOPS[request.param]


@pytest.fixture(params=["websockets", "picows"])
def way(request, loop_factory):
    return Way(request.param, loop_factory)


@pytest.fixture(scope="session")
def certificate(tmp_path_factory):
    """Files of a certificate for localhost that nobody vouches for, and of its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    folder = tmp_path_factory.mktemp("tls")
    files = folder / "cert.pem", folder / "key.pem"
    files[0].write_bytes(made.public_bytes(serialization.Encoding.PEM))
    files[1].write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return files


@pytest.fixture
def server_tls(certificate):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    return context


@pytest.fixture
def client_tls(certificate):
    return ssl.create_default_context(cafile=str(certificate[0]))


@pytest.fixture
def run(loop_factory):
    """Runs `use(pool)` against a server, on each loop; what it returns."""

    def runs(server, use, *, server_tls=None, **options):
        async def main():
            scheme = "http" if server_tls is None else "https"
            async with (
                answering(server.connected, **({"ssl": server_tls} if server_tls else {})) as port,
                asyncio.timeout(30),
                HttpPool(f"{scheme}://localhost:{port}", **options) as pool,
            ):
                return await use(pool)

        with asyncio.Runner(loop_factory=loop_factory) as runner:
            return runner.run(main())

    return runs
