using System.Threading.Channels;

namespace LlmObserve.Bench.Baselines;

/// <summary>
/// The least that can be called an actor: a channel, one loop that takes message after message, a promise for each answer. No identity, no
/// activation, no time-out, no call chain, no exceptions across the call.
/// </summary>
internal sealed class ChannelActor : IAsyncDisposable
{
    private readonly Channel<Message> _messages = Channel.CreateUnbounded<Message>(new UnboundedChannelOptions { SingleReader = true });
    private readonly Task _loop;
    private long _count;

    public ChannelActor() => _loop = Task.Run(RunAsync);

    public Task<long> AddAsync(int value)
    {
        // The caller goes on elsewhere than in the actor's loop, as it does after a grain call.
        var message = new Message(value, new TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously));
        _messages.Writer.TryWrite(message);
        return message.Answer.Task;
    }

    public async ValueTask DisposeAsync()
    {
        _messages.Writer.Complete();
        await _loop;
    }

    private async Task RunAsync()
    {
        await foreach (var message in _messages.Reader.ReadAllAsync())
        {
            _count += message.Value;
            message.Answer.SetResult(_count);
        }
    }

    private sealed record Message(int Value, TaskCompletionSource<long> Answer);
}
