// Reads a mail from standard input as a mail program does, and prints what it shows and what it makes links of.
import { createRequire } from 'node:module';
import { text } from 'node:stream/consumers';
import { convert } from 'html-to-text';
import LinkifyIt from 'linkify-it';
import { simpleParser } from 'mailparser';

const tlds = createRequire(import.meta.url)('tlds');
const linkify = new LinkifyIt().tlds(tlds).set({ fuzzyIP: true });
const mail = await simpleParser(await text(process.stdin));
const shown = convert(mail.html, { wordwrap: false, selectors: [{ selector: 'a', options: { ignoreHref: true } }] });
process.stdout.write(JSON.stringify({
  subject: mail.subject,
  to: mail.to.value.map((to) => to.address),
  text: mail.text,
  html: mail.html,
  shown,
  links: [mail.subject, mail.text, shown].flatMap((part) => (linkify.match(part) ?? []).map((link) => link.url)),
  anchors: [...mail.html.matchAll(/<a [^>]*href="([^"]*)"/g)].map((anchor) => anchor[1]),
}));
