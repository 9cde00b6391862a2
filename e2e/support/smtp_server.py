"""An SMTP server for tests: `smtp_server.py PORT FOLDER`.

Every message that it accepts is a file in FOLDER. While FOLDER/refuse exists, it reads each message to its end, keeps
its Message-ID as a line of FOLDER/refused, and answers with the temporary failure 451. While FOLDER/unknown exists,
nobody at the address in it has a mailbox, which is the permanent failure 550.
"""

import asyncio
import email
import sys
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session


class Handler:
    """Accepts or refuses, as the folder says."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.accepted = 0

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        unknown = self.folder / "unknown"
        if unknown.exists() and unknown.read_text() == address:
            return "550 5.1.1 No such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 Fine"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        content = envelope.original_content or b""
        if (self.folder / "refuse").exists():
            message = email.message_from_bytes(content)
            with (self.folder / "refused").open("a") as refused:
                refused.write(f"{message['Message-ID']}\n")
            return "451 4.3.0 Try again later"
        self.accepted += 1
        partial = self.folder / "partial"
        partial.write_bytes(content)
        partial.rename(self.folder / f"{self.accepted:04}.eml")
        return "250 Accepted"


async def main() -> None:
    port, folder = int(sys.argv[1]), Path(sys.argv[2])
    handler = Handler(folder)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(handler, hostname="mail.example.com"), "127.0.0.1", port)
    print("ready", flush=True)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
