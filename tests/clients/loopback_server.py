"""A server for test_http.c: HTTP/1.1, HTTPS and HTTP/2 on loopback, with faults on demand.

Started as `loopback_server.py FOLDER`; makes its certificates there with openssl, prints the ports
on one line ("http https h2 mutual") and then the path of each request that it has read."""

import json
import os
import socket
import ssl
import struct
import subprocess
import sys
import threading
import time

folder = sys.argv[1]
lock = threading.Lock()
connections = 0
under_way = 0
most_under_way = 0


def openssl(*arguments):
    subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)


def make_authority(name):
    openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
            "-keyout", f"{name}.key", "-out", f"{name}.pem", "-days", "2", "-subj", f"/CN={name}")


def make_certificate(name, authority, alternatives=None):
    openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
            "-keyout", f"{name}.key", "-out", f"{name}.csr", "-subj", f"/CN={name}")
    extra = []
    if alternatives:
        with open(os.path.join(folder, f"{name}.ext"), "w") as file:
            file.write(f"subjectAltName={alternatives}\n")
        extra = ["-extfile", f"{name}.ext"]
    openssl("x509", "-req", "-in", f"{name}.csr", "-CA", f"{authority}.pem",
            "-CAkey", f"{authority}.key", "-set_serial", str(time.time_ns()), "-days", "2",
            "-out", f"{name}.pem", *extra)


def say(text):
    with lock:
        print(text, flush=True)


def next_connection():
    global connections
    with lock:
        connections += 1
        return connections


def count(change):
    global under_way, most_under_way
    with lock:
        under_way += change
        most_under_way = max(most_under_way, under_way)


def read_request(stream):
    first = stream.readline().decode("latin-1").rstrip("\r\n")
    if not first:
        return None
    method, target, _ = first.split(" ", 2)
    headers = []
    while True:
        line = stream.readline().decode("latin-1").rstrip("\r\n")
        if not line:
            break
        name, _, value = line.partition(":")
        headers.append([name.lower(), value.strip()])
    length = int(dict(headers).get("content-length", 0))
    return method, target, headers, stream.read(length).decode("latin-1")


def answer(connection, status, body, extra=(), length=None):
    head = [f"HTTP/1.1 {status} Some Reason", f"Content-Length: {length or len(body)}"]
    head += [f"{name}: {value}" for name, value in extra]
    connection.sendall("\r\n".join(head).encode() + b"\r\n\r\n" + body)


def echo(connection, request, number):
    method, target, headers, body = request
    subject = ""
    name = ""
    if isinstance(connection, ssl.SSLSocket):
        peer = connection.getpeercert() or {}
        subject = dict(part[0] for part in peer.get("subject", ())).get("commonName", "")
        name = connection.asked_name
    return json.dumps({"method": method, "target": target, "headers": dict(headers), "body": body,
                       "connection": number, "subject": subject, "sni": name or ""}).encode()


def serve_request(connection, request, number):
    """False where the connection is to be closed."""
    method, target, _, _ = request
    kind = target.split("?")[0]
    if kind == "/drop":
        return False
    if kind == "/cut":
        answer(connection, 200, b"half", length=1000)
        return False
    if kind == "/hang":
        threading.Event().wait()
    if kind == "/slow":
        time.sleep(0.3)
    if kind == "/count":
        count(+1)
        time.sleep(0.05)
        count(-1)
    if kind == "/most":
        answer(connection, 200, str(most_under_way).encode())
    elif kind == "/big":
        answer(connection, 200, b"x" * int(target.split("?")[1]))
    elif kind == "/headers":
        answer(connection, 200, b"", [(f"X-Many-{i}", "y" * 1000) for i in range(400)])
    elif kind == "/interim":
        connection.sendall(b"HTTP/1.1 103 Early Hints\r\nX-Early: yes\r\n\r\n")
        answer(connection, 200, b"late", [("X-Late", "yes")])
    elif kind == "/moved":
        answer(connection, 302, b"", [("Location", "/elsewhere")])
    elif kind == "/missing":
        answer(connection, 404, b"nothing here", [("X-Amzn-RequestId", "r-1")])
    elif method == "HEAD":
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n")
    else:
        answer(connection, 200, echo(connection, request, number), [("X-Multi", " a  b ")])
    return True


def serve_http1(connection, number):
    stream = connection.makefile("rb")
    while True:
        request = read_request(stream)
        if not request:
            return
        say(request[1])
        if not serve_request(connection, request, number):
            connection.close()
            return


def frame(kind, flags, stream, payload=b""):
    return struct.pack(">I", len(payload))[1:] + bytes([kind, flags]) + struct.pack(
        ">I", stream) + payload


def exactly(connection, size):
    data = b""
    while len(data) < size:
        part = connection.recv(size - len(data))
        if not part:
            raise ConnectionError
        data += part
    return data


def serve_http2(connection, number):
    """Answers every stream with the connection's number, 50 ms later; reads no header block."""
    exactly(connection, 24)
    write = threading.Lock()
    connection.sendall(frame(4, 0, 0))

    def reply(stream):
        time.sleep(0.05)
        body = json.dumps({"connection": number, "stream": stream}).encode()
        with write:
            connection.sendall(frame(1, 4, stream, b"\x88") + frame(0, 1, stream, body))

    while True:
        head = exactly(connection, 9)
        payload = exactly(connection, int.from_bytes(head[:3], "big"))
        kind, flags, stream = head[3], head[4], int.from_bytes(head[5:], "big")
        if kind == 4 and not flags & 1:
            with write:
                connection.sendall(frame(4, 1, 0))
        elif kind == 6 and not flags & 1:
            with write:
                connection.sendall(frame(6, 1, 0, payload))
        elif kind in (0, 1) and flags & 1:
            threading.Thread(target=reply, args=(stream,), daemon=True).start()


def shake_hands(connection):
    try:
        connection.do_handshake()
    except ssl.SSLError:
        # Closing with unread input would reset the connection and lose the alert.
        connection.shutdown(socket.SHUT_WR)
        while socket.socket.recv(connection, 4096):
            pass
        raise


def serve(connection, context):
    try:
        if context:
            connection.settimeout(20)
            connection = context.wrap_socket(connection, server_side=True,
                                             do_handshake_on_connect=False)
            shake_hands(connection)
            connection.settimeout(None)
        number = next_connection()
        if context and connection.selected_alpn_protocol() == "h2":
            serve_http2(connection, number)
        else:
            serve_http1(connection, number)
    except (OSError, ValueError):
        pass


def listen(context):
    listener = socket.create_server(("127.0.0.1", 0), backlog=256)

    def accept():
        while True:
            connection, _ = listener.accept()
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=serve, args=(connection, context), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    return listener.getsockname()[1]


class NamedSocket(ssl.SSLSocket):
    asked_name = None


def make_context(alpn, mutual=False):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.sslsocket_class = NamedSocket
    context.load_cert_chain(os.path.join(folder, "server.pem"), os.path.join(folder, "server.key"))
    context.set_alpn_protocols(alpn)

    def keep_name(connection, name, _):
        connection.asked_name = name

    context.sni_callback = keep_name
    if mutual:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(os.path.join(folder, "right.pem"))
    return context


threading.stack_size(256 * 1024)
make_authority("right")
make_authority("wrong")
make_certificate("server", "right", "DNS:cluster.test,IP:127.0.0.1")
make_certificate("alice", "right")
make_certificate("bob", "right")
make_certificate("mallory", "wrong")
say(" ".join(str(listen(context)) for context in (
    None, make_context(["http/1.1"]), make_context(["h2", "http/1.1"]),
    make_context(["http/1.1"], mutual=True))))
sys.stdin.read()  # ends with the test
