// A mail server that does as its environment says, and tells on standard output what it takes: a line of JSON each.
import { readFileSync } from 'node:fs';
import { simpleParser } from 'mailparser';
import { SMTPServer } from 'smtp-server';

// { tls: { key, cert }, user, password, replies: [451, …] to the first recipients, hangs: mails that get no answer }
const options = JSON.parse(process.env.MAIL_SERVER);
const tell = (what) => process.stdout.write(JSON.stringify(what) + '\n');
const replies = options.replies ?? [];
let hangs = options.hangs ?? 0;

const server = new SMTPServer({
  ...(options.tls && { key: readFileSync(options.tls.key), cert: readFileSync(options.tls.cert) }),
  disabledCommands: [...(options.tls ? [] : ['STARTTLS']), ...(options.user ? [] : ['AUTH'])],
  authOptional: !options.user,
  disableReverseLookup: true,
  onAuth(auth, session, done) {
    const right = auth.username === options.user && auth.password === options.password;
    done(right ? null : new Error('Wrong user or password'), right ? { user: auth.username } : undefined);
  },
  onRcptTo(address, session, done) {
    const code = replies.shift();
    tell({ recipient: address.address });
    done(code ? Object.assign(new Error(`No mail for ${address.address} now`), { responseCode: code }) : null);
  },
  onData(stream, session, done) {
    const chunks = [];
    stream.on('data', (chunk) => chunks.push(chunk));
    stream.on('end', async () => {
      const raw = Buffer.concat(chunks).toString('utf8');
      const mail = await simpleParser(raw);
      tell({
        mail: {
          raw,
          from: mail.from.value[0],
          to: mail.to.value.map((to) => to.address),
          hasCopies: Boolean(mail.cc || mail.bcc),
          subject: mail.subject,
          date: mail.date,
          messageId: mail.messageId,
          type: mail.headers.get('content-type').value,
          autoSubmitted: mail.headers.get('auto-submitted'),
          text: mail.text,
          html: mail.html,
        },
        secure: session.secure,
        user: session.user,
        envelope: session.envelope.rcptTo.map((to) => to.address),
      });
      if (hangs > 0) {
        hangs -= 1;
      } else {
        done();
      }
    });
  },
});
server.on('error', () => {}); // A client that does not trust us breaks off.
server.listen(0, '127.0.0.1', () => tell({ port: server.server.address().port }));
// Whoever started us holds our standard input open.
process.stdin.resume().on('end', () => process.exit(0));
