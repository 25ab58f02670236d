using System.Threading.Channels;

namespace LlmObserve.Mail.Tests.Harness;

/// <summary>A delivery that ends when a test says so, and hears of nothing else.</summary>
internal sealed class ScriptedDelivery : IMailDelivery
{
    private readonly Channel<(OutgoingMail Mail, TaskCompletionSource End)> _calls = Channel.CreateUnbounded<(OutgoingMail, TaskCompletionSource)>();

    public Task DeliverAsync(OutgoingMail mail, CancellationToken cancellationToken)
    {
        var end = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _calls.Writer.TryWrite((mail, end));
        return end.Task;
    }

    /// <summary>Waits for the next delivery, which must be of this mail.</summary>
    public async Task<TaskCompletionSource> NextAsync(OutgoingMail mail)
    {
        var (given, end) = await _calls.Reader.ReadAsync().AsTask().WaitAsync(Node.Patience, TimeProvider.System);
        Assert.Same(mail, given);
        return end;
    }
}
