// A program that calls its providers with fetch.
import { flush, observe, section, setCustomerId } from 'llmobserve';

observe({ collectorUrl: process.env.LLMOBSERVE_URL, apiKey: process.env.LLMOBSERVE_API_KEY });

const call = async (url, body) => {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: 'Bearer of-nobody' },
    body: JSON.stringify(body),
  });
  return response.json();
};

const messages = [{ role: 'user', content: 'Hello!' }];

setCustomerId('acme');
await section('agent:researcher').run(async () => {
  await call('https://api.openai.com/v1/chat/completions', { model: 'gpt-4o', messages });
  await call('https://api.openai.com/v1/chat/completions', { model: 'gpt-4.1', messages });
});

setCustomerId('globex');
await section('agent:writer').run(() =>
  call('https://api.anthropic.com/v1/messages', { model: 'claude-sonnet-4-5', max_tokens: 300, messages }));
await call('https://docs-index.svc.us-east-1.pinecone.io/query', { vector: [0.1, 0.2], topK: 1 });

await flush();
