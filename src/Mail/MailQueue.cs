using System.Threading.Channels;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace LlmObserve.Mail;

/// <summary>
/// Sends mails behind the back of requests, one at a time: how long an answer takes tells nothing about an address, and a server that hangs or refuses
/// holds up nothing but mail. What a server does not take now is tried again; in between others go out. Nothing is kept on disk: what waits is
/// lost with the process, and people ask again.
/// </summary>
public sealed partial class MailQueue : BackgroundService
{
    /// <summary>Mails that wait, also for another try: a few megabytes. More is a flood or a server that has been away for long.</summary>
    public const int MaxWaiting = 1_000;

    private readonly IMailDelivery _delivery;
    private readonly MailMetrics _metrics;
    private readonly MailTimes _times;
    private readonly TimeProvider _time;
    private readonly ILogger<MailQueue> _log;

    // Its bound is MaxWaiting, which counts those that wait elsewhere for another try too.
    private readonly Channel<Try> _ready = Channel.CreateUnbounded<Try>(new UnboundedChannelOptions { SingleReader = true });
    private readonly CancellationTokenSource _stopping = new();
    private readonly CancellationTokenSource _deadline = new();
    private int _waiting;

    internal MailQueue(IMailDelivery delivery, MailMetrics metrics, MailTimes times, TimeProvider time, ILogger<MailQueue> log)
    {
        _delivery = delivery;
        _metrics = metrics;
        _times = times;
        _time = time;
        _log = log;
    }

    /// <summary>Takes a mail to be sent soon, and returns at once.</summary>
    /// <returns>False where too many wait or the process stops: the mail is dropped, and that is logged.</returns>
    public bool TryEnqueue(OutgoingMail mail)
    {
        if (Interlocked.Increment(ref _waiting) <= MaxWaiting && !_stopping.IsCancellationRequested)
        {
            _metrics.Waiting(1);
            if (_ready.Writer.TryWrite(new Try(mail, 1)))
            {
                return true;
            }

            _metrics.Waiting(-1);
        }

        var outcome = _stopping.IsCancellationRequested ? MailOutcomes.Stopped : MailOutcomes.Overflow;
        _metrics.Ended(mail.Kind, outcome);
        LogDropped(_log, mail.Kind, mail.Id, 0, outcome);
        CloseAfter(Interlocked.Decrement(ref _waiting));
        return false;
    }

    /// <summary>Tries once more what waits, for a bounded time; then drops it.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        using var late = cancellationToken.UnsafeRegister(static deadline => ((CancellationTokenSource)deadline!).Cancel(), _deadline);
        await using var timer = _time.CreateTimer(static deadline => ((CancellationTokenSource)deadline!).Cancel(), _deadline, _times.Flush, Timeout.InfiniteTimeSpan);
        // Who waits for another try comes now, and for the last time.
        await _stopping.CancelAsync();
        CloseAfter(Volatile.Read(ref _waiting));
        await (ExecuteTask ?? Task.CompletedTask);
        await base.StopAsync(cancellationToken);
    }

    /// <inheritdoc />
    public override void Dispose()
    {
        _stopping.Dispose();
        _deadline.Dispose();
        base.Dispose();
    }

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Ends when the channel is closed: after the last mail of a process that stops.
        await foreach (var next in _ready.Reader.ReadAllAsync(CancellationToken.None))
        {
            await SendAsync(next);
        }
    }

    private async Task SendAsync(Try next)
    {
        var (outcome, reason) = await OutcomeAsync(next.Mail);
        if (outcome == MailOutcomes.Failed && _times.WaitAfter(next.Number) is { } wait && !_stopping.IsCancellationRequested)
        {
            LogTriedAgain(_log, next.Mail.Kind, next.Mail.Id, (int)Math.Ceiling(wait.TotalSeconds), reason);
            _ = AgainAsync(next with { Number = next.Number + 1 }, wait);
            return;
        }

        _metrics.Ended(next.Mail.Kind, outcome);
        if (outcome != MailOutcomes.Sent)
        {
            LogDropped(_log, next.Mail.Kind, next.Mail.Id, next.Number, reason);
        }

        _metrics.Waiting(-1);
        CloseAfter(Interlocked.Decrement(ref _waiting));
    }

    private async Task<(string Outcome, string Reason)> OutcomeAsync(OutgoingMail mail)
    {
        if (_deadline.IsCancellationRequested)
        {
            return (MailOutcomes.Stopped, "the process stops");
        }

        using var late = new CancellationTokenSource(_times.Send, _time);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(late.Token, _deadline.Token);
        try
        {
            // A delivery that does not hear of its end must not hold up the others.
            await _delivery.DeliverAsync(mail, end.Token).WaitAsync(end.Token);
            return (MailOutcomes.Sent, "");
        }
        catch (MailNotTakenException failed)
        {
            return (failed.IsFinal ? MailOutcomes.Refused : MailOutcomes.Failed, failed.Message);
        }
        catch (OperationCanceledException)
        {
            return _deadline.IsCancellationRequested
                ? (MailOutcomes.Stopped, "the process stops")
                : (MailOutcomes.Failed, $"no reply within {_times.Send.TotalSeconds} s");
        }
        catch (Exception failed)
        {
            // A boundary: whatever a delivery throws, the worker goes on to the next mail. It counts as a try that failed, and the log has its
            // type; its text may hold an address or a link.
            return (MailOutcomes.Failed, failed.GetType().Name);
        }
    }

    private async Task AgainAsync(Try next, TimeSpan wait)
    {
        await Task.Delay(wait, _time, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _ready.Writer.TryWrite(next);
    }

    private void CloseAfter(int waiting)
    {
        if (waiting == 0 && _stopping.IsCancellationRequested)
        {
            _ready.Writer.TryComplete();
        }
    }

    [LoggerMessage(LogLevel.Warning, "A mail ({Kind}, {Id:N}) was not taken and is tried again in {Seconds} s: {Reason}")]
    private static partial void LogTriedAgain(ILogger log, MailKind kind, Guid id, int seconds, string reason);

    [LoggerMessage(LogLevel.Error, "A mail ({Kind}, {Id:N}) is dropped after {Tries} tries: {Reason}")]
    private static partial void LogDropped(ILogger log, MailKind kind, Guid id, int tries, string reason);

    private sealed record Try(OutgoingMail Mail, int Number);
}
