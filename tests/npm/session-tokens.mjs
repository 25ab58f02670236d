// Session tokens as Clerk makes them, and changed in every way, each with what Clerk's own library says of it.
// In: {"issuer":"…","party":"…"}. Out: {"jwks":{…},"now":1714000000,"tokens":{"name":{"token":"…","clerk":true}}}.
import { createHmac } from 'node:crypto';
import { text } from 'node:stream/consumers';
import { verifyToken } from '@clerk/backend';
import { signJwt } from '@clerk/backend/jwt';
import { SignJWT, exportJWK, exportPKCS8, exportSPKI, generateKeyPair, importJWK } from 'jose';

const { issuer, party } = JSON.parse(await text(process.stdin));
const now = Math.floor(Date.now() / 1000);
const kid = 'ins_2key';
const ours = await generateKeyPair('RS256', { extractable: true });
const theirs = await generateKeyPair('RS256', { extractable: true });
const jwtKey = await exportSPKI(ours.publicKey);

const header = { alg: 'RS256', cat: 'cl_B7d4PD111AAA', kid, typ: 'JWT' };
const claims = {
  azp: party, exp: now + 60, fva: [0, -1], iat: now, iss: issuer, jti: 'b2f0a1', nbf: now - 10,
  sid: 'sess_2session', sts: 'active', sub: 'user_2person', v: 2,
};
const without = (object, name) => Object.fromEntries(Object.entries(object).filter(([key]) => key !== name));
const encode = (value) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');

const jose = (changed = {}, { key = ours.privateKey, head = header } = {}) =>
  new SignJWT({ ...claims, ...changed }).setProtectedHeader(head).sign(key);
const clerk = async (changed = {}) =>
  signJwt({ ...claims, ...changed }, await exportPKCS8(ours.privateKey), { algorithm: 'RS256', header: without(header, 'alg') });

// What was written by hand and signed with the right key all the same.
const raw = async (head, payload) => {
  const signed = `${encode(head)}.${encode(payload)}`;
  const signature = await crypto.subtle.sign('RSASSA-PKCS1-v1_5', ours.privateKey, Buffer.from(signed));
  return `${signed}.${Buffer.from(signature).toString('base64url')}`;
};
const hs256 = (secret) => {
  const signed = `${encode({ ...header, alg: 'HS256' })}.${encode(claims)}`;
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
};

const good = await jose();
const [head, payload, signature] = good.split('.');
const flip = (part, at) => {
  const bytes = Buffer.from(part, 'base64url');
  bytes[at < 0 ? bytes.length + at : at] ^= 1;
  return bytes.toString('base64url');
};
const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
// The last letter of 256 bytes has four bits that mean nothing.
const respelt = signature.slice(0, -1) + alphabet[alphabet.indexOf(signature.at(-1)) ^ 1];
const as = async (alg) => importJWK({ ...(await exportJWK(ours.privateKey)), alg }, alg);

const tokens = {
  'by jose': good,
  'by clerk': await clerk(),
  'organization, format 1': await jose({ v: undefined, org_id: 'org_2acme', org_role: 'org:admin', org_slug: 'acme' }),
  'organization, format 2': await clerk({ o: { id: 'org_2acme', rol: 'admin', slg: 'acme', per: 'read', fpm: '1' } }),
  'without azp': await jose({ azp: undefined }),
  'without typ': await jose({}, { head: without(header, 'typ') }),
  'expired 30 s ago': await jose({ exp: now - 30 }),
  'from 30 s ahead': await jose({ nbf: now + 30, iat: now + 30 }),
  'without nbf and iat': await jose({ nbf: undefined, iat: undefined }),

  'expired 120 s ago': await jose({ exp: now - 120 }),
  'not before 120 s ahead': await jose({ nbf: now + 120 }),
  'issued 120 s ahead': await jose({ iat: now + 120 }),
  'exp missing': await jose({ exp: undefined }),
  'exp as text': await raw(header, { ...claims, exp: String(now + 60) }),
  'nbf as text': await raw(header, { ...claims, nbf: String(now) }),
  'sub missing': await jose({ sub: undefined }),
  'sub as number': await raw(header, { ...claims, sub: 7 }),
  'other issuer': await jose({ iss: 'https://clerk.example.net' }),
  'issuer with a slash': await jose({ iss: `${issuer}/` }),
  'issuer missing': await jose({ iss: undefined }),
  'other party': await jose({ azp: 'https://evil.example' }),
  'party in another case': await jose({ azp: party.toUpperCase() }),
  'empty party': await jose({ azp: '' }),
  'other key, same kid': await jose({}, { key: theirs.privateKey }),
  'payload: other user': `${head}.${encode({ ...claims, sub: 'user_2other' })}.${signature}`,
  'payload: later end': `${head}.${encode({ ...claims, exp: now + 6000 })}.${signature}`,
  'payload: one byte': `${head}.${flip(payload, 20)}.${signature}`,
  'signature: first byte': `${head}.${payload}.${flip(signature, 0)}`,
  'signature: last byte': `${head}.${payload}.${flip(signature, -1)}`,
  'signature: cut': `${head}.${payload}.${signature.slice(0, 300)}`,
  'signature: gone': `${head}.${payload}.`,
  'signature: of another token': `${head}.${payload}.${(await jose({ sub: 'user_2other' })).split('.')[2]}`,
  'header: alg none': `${encode({ ...header, alg: 'none' })}.${payload}.`,
  'header: alg none, signature kept': `${encode({ ...header, alg: 'none' })}.${payload}.${signature}`,
  'header: alg RS512, signature kept': `${encode({ ...header, alg: 'RS512' })}.${payload}.${signature}`,
  'header: other kid, signature kept': `${encode({ ...header, kid: 'ins_2other' })}.${payload}.${signature}`,
  'header: HS256 with the public key': hs256(jwtKey),
  'header: HS256 with the public key, trimmed': hs256(jwtKey.trim()),
  'header: HS256 with nothing': hs256(''),
  'header: typ of an access token': await jose({}, { head: { ...header, typ: 'at+jwt' } }),
  'header: category of machines': await jose({}, { head: { ...header, cat: 'cl_B7d4PD333AAA' } }),
  'no JSON': `${encode('{')}.${payload}.${signature}`,
  'truncated': good.slice(0, good.length - 200),
  'two parts': `${head}.${payload}`,
  'five parts': `${good}.${head}.${payload}`,
  'empty parts': '..',
  'no token': 'hello',

  'RS512': await jose({}, { key: await as('RS512'), head: { ...header, alg: 'RS512' } }),
  'RS384': await jose({}, { key: await as('RS384'), head: { ...header, alg: 'RS384' } }),
  'strict: no kid': await jose({}, { head: without(header, 'kid') }),
  'strict: unknown kid': await jose({}, { head: { ...header, kid: 'ins_2unknown' } }),
  'strict: kid twice': await raw(`{"alg":"RS256","typ":"JWT","kid":"ins_2other","kid":"${kid}"}`, claims),
  'strict: exp twice': await raw(header, `{"exp":1,${JSON.stringify(claims).slice(1)}`),
  'strict: extension': await raw({ ...header, crit: ['https://example.com/x'], 'https://example.com/x': 1 }, claims),
  'strict: pending': await jose({ sts: 'pending' }),
  'strict: a machine': await jose({ sub: 'mch_2machine' }),
  'strict: organization without an id': await jose({ o: { id: 7 } }),
  'signature: spelt otherwise': `${head}.${payload}.${respelt}`,
  'strict: signature padded': `${good}==`,
};

const verdict = async (token) => {
  let azp;
  try {
    azp = JSON.parse(Buffer.from(token.split('.')[1], 'base64url')).azp;
  } catch {
    // It is refused for that, whatever the party.
  }

  try {
    // Where a token names no party, none is asked for: the library alone would refuse it.
    await verifyToken(token, { jwtKey, issuer, clockSkewInMs: 60_000, authorizedParties: azp === undefined ? undefined : [party] });
    return true;
  } catch {
    return false;
  }
};

const judged = {};
for (const [name, token] of Object.entries(tokens)) {
  judged[name] = { token, clerk: await verdict(token) };
}

const jwks = { keys: [{ use: 'sig', kid, alg: 'RS256', ...(await exportJWK(ours.publicKey)) }] };
console.log(JSON.stringify({ jwks, now, tokens: judged }));
