import { createTransport } from 'nodemailer';
import { type MailConfig } from '@letopis/platform';
import { type Delivery, type Outgoing } from './notice';

/** Messages under way at once; the server sees as many connections. */
const MAX_CONNECTIONS = 4;
const STEP_TIMEOUT_MS = 10_000;
/** Beyond this a server that answers drop by drop is given up. */
const MESSAGE_TIMEOUT_MS = 60_000;

/** An open way to the mail server. Connections are kept between messages until `close`. */
export interface Mailer {
  /** Sends the notice as plain text. It has arrived when the server has taken it. Never rejects. */
  send(outgoing: Outgoing): Promise<Delivery>;
  close(): void;
}

export function openMailer({ smtpUrl, from }: MailConfig): Mailer {
  const transport = createTransport({
    url: smtpUrl,
    pool: true,
    maxConnections: MAX_CONNECTIONS,
    // The outbox tries again, and only when it knows that the server has not taken the message.
    maxRequeues: 0,
    requireTLS: !isLoopbackHost(smtpUrl),
    dnsTimeout: STEP_TIMEOUT_MS,
    connectionTimeout: STEP_TIMEOUT_MS,
    greetingTimeout: STEP_TIMEOUT_MS,
    socketTimeout: 2 * STEP_TIMEOUT_MS,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return {
    send: async ({ id, recipient, subject, body, createdAt }) => {
      try {
        await transport.sendMail({
          from,
          to: { name: '', address: recipient },
          subject: subject.replace(/\s+/g, ' '),
          text: body,
          date: createdAt,
          // The same for each attempt, so that mailboxes show the message once.
          messageId: `<${id}@${domainOf(from)}>`,
          headers: { 'Auto-Submitted': 'auto-generated' },
          signal: AbortSignal.timeout(MESSAGE_TIMEOUT_MS),
        });
        return { kind: 'sent' };
      } catch (error) {
        return { kind: isRefusal(error) ? 'refused' : 'failed', reason: messageOf(error) };
      }
    },
    close: () => transport.close(),
  };
}

/** Commands of SMTP (RFC 5321) that are about one message; others are about the server, which somebody can mend. */
const ABOUT_THE_MESSAGE: readonly unknown[] = ['MAIL FROM', 'RCPT TO', 'DATA'];

/** Whether the server will never take this message: a reply 5xx to one of its own commands. */
function isRefusal(error: unknown): boolean {
  if (!(error instanceof Error) || !('responseCode' in error) || !('command' in error)) return false;
  const { responseCode, command } = error;
  return (
    typeof responseCode === 'number' &&
    responseCode >= 500 &&
    responseCode < 600 &&
    ABOUT_THE_MESSAGE.includes(command)
  );
}

/** Passwords and messages go over the network under TLS only; within one machine there is nobody to listen. */
function isLoopbackHost(smtpUrl: string): boolean {
  return ['localhost', '127.0.0.1', '[::1]'].includes(new URL(smtpUrl).hostname);
}

/** What stands after the "@" of the sender's address. */
function domainOf(from: string): string {
  return /@([^\s<>@]+)>?$/.exec(from)?.[1] ?? 'letopis';
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
