// A program that asks before its call, and does not make it where it may not. Prints what it was told.
import { flush, observe, section } from 'llmobserve';
import OpenAI from 'openai';

const { LLMOBSERVE_URL: url, LLMOBSERVE_API_KEY: key } = process.env;
observe({ collectorUrl: url, apiKey: key, customerId: 'acme' });

const openai = new OpenAI({ apiKey: 'of-nobody' });
const labels = new URLSearchParams({ provider: 'openai', model: 'gpt-4o', customer_id: 'acme', agent: 'researcher' });
const response = await fetch(`${url}/caps/check?${labels}`, { headers: { authorization: `Bearer ${key}` } });
const check = await response.json();

if (check.allowed) {
  await section('agent:researcher').run(() =>
    openai.chat.completions.create({ model: 'gpt-4o', messages: [{ role: 'user', content: 'Hello!' }] }));
}

await flush();
console.log(JSON.stringify(check));
