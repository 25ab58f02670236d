// Stands where the internet would be: the providers' addresses answer with recorded answers, everything else goes out as it is.
// Preloaded (node --import), so that the program behind it is what a user writes.
const real = globalThis.fetch;

// OpenAI and Anthropic answer with the name of a release, whatever family was asked for.
const releases = {
  'gpt-4o': 'gpt-4o-2024-08-06',
  'gpt-4o-mini': 'gpt-4o-mini-2024-07-18',
  'gpt-4.1': 'gpt-4.1-2025-04-14',
  'claude-sonnet-4-5': 'claude-sonnet-4-5-20250929',
};

const release = (model) => releases[model] ?? model;

const chatCompletion = (request) => ({
  id: 'chatcmpl-B9MBs8CjcvOU2jLn4n570S5qMJKcT',
  object: 'chat.completion',
  created: 1741569952,
  model: release(request.model),
  choices: [
    {
      index: 0,
      message: { role: 'assistant', content: 'Hello! How can I assist you today?', refusal: null, annotations: [] },
      logprobs: null,
      finish_reason: 'stop',
    },
  ],
  usage: {
    prompt_tokens: 1200,
    completion_tokens: 300,
    total_tokens: 1500,
    prompt_tokens_details: { cached_tokens: 0, audio_tokens: 0 },
    completion_tokens_details: {
      reasoning_tokens: 0,
      audio_tokens: 0,
      accepted_prediction_tokens: 0,
      rejected_prediction_tokens: 0,
    },
  },
  service_tier: 'default',
  system_fingerprint: 'fp_07871e2ad8',
});

const message = (request) => ({
  id: 'msg_01XFDUDYJgAACzvnptvVoYEL',
  type: 'message',
  role: 'assistant',
  model: release(request.model),
  content: [{ type: 'text', text: 'Hello!' }],
  stop_reason: 'end_turn',
  stop_sequence: null,
  usage: { input_tokens: 900, cache_creation_input_tokens: 0, cache_read_input_tokens: 0, output_tokens: 200 },
});

const vectorQuery = () => ({ matches: [{ id: 'vec1', score: 0.9 }], namespace: '', usage: { read_units: 6 } });

const providers = [
  ['https://api.openai.com/v1/chat/completions', chatCompletion],
  ['https://api.anthropic.com/v1/messages', message],
  ['https://docs-index.svc.us-east-1.pinecone.io/query', vectorQuery],
];

globalThis.fetch = async (input, init) => {
  const url = typeof input === 'string' ? input : (input.url ?? input.href);
  const provider = providers.find(([address]) => url === address);
  if (!provider) {
    return real(input, init);
  }
  const body = typeof init?.body === 'string' ? init.body : new TextDecoder().decode(init?.body);
  return new Response(JSON.stringify(provider[1](JSON.parse(body))), {
    status: 200,
    headers: { 'content-type': 'application/json', 'x-request-id': 'req_canned' },
  });
};
