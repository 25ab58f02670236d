// A program that uses OpenAI's own client.
import { flush, observe, section, setCustomerId } from 'llmobserve';
import OpenAI from 'openai';

observe({ collectorUrl: process.env.LLMOBSERVE_URL, apiKey: process.env.LLMOBSERVE_API_KEY, customerId: 'acme' });

const openai = new OpenAI({ apiKey: 'of-nobody' });

await section('agent:researcher').run(async () => {
  for (let i = 0; i < 3; i++) {
    const completion = await openai.chat.completions.create({
      model: 'gpt-4o',
      messages: [{ role: 'user', content: 'Hello!' }],
    });
    if (completion.choices[0].message.content !== 'Hello! How can I assist you today?') {
      throw new Error(`The client's own answer has suffered: ${JSON.stringify(completion)}`);
    }
  }
});

await flush();
