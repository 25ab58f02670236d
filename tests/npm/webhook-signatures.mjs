// Signatures of webhooks by Svix's and the Standard Webhooks' own libraries.
// In: [{"by":"svix","secret":"whsec_…","id":"…","at":1714000000,"body":"…"}]. Out: ["v1,…"].
import { text } from 'node:stream/consumers';
import { Webhook as StandardWebhook } from 'standardwebhooks';
import { Webhook as SvixWebhook } from 'svix';

const libraries = { svix: SvixWebhook, standardwebhooks: StandardWebhook };
const messages = JSON.parse(await text(process.stdin));
console.log(JSON.stringify(messages.map(({ by, secret, id, at, body }) => new libraries[by](secret).sign(id, new Date(at * 1000), body))));
