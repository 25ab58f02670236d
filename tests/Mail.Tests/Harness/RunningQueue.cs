using LlmObserve.Testing;

namespace LlmObserve.Mail.Tests.Harness;

/// <summary>A queue that runs, with what it logs and measures.</summary>
internal sealed class RunningQueue : IAsyncDisposable
{
    /// <summary>Three tries at once one after the other, each with all the time that it needs.</summary>
    public static readonly MailTimes Quick = new(Node.Patience, [TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(1)], Node.Patience);

    private readonly TestMeters _meters = new();
    private readonly Changes _changes = new();

    private RunningQueue(IMailDelivery delivery, MailTimes times, TimeProvider time)
    {
        Measured = new Measurements(_meters);
        Measured.Added += _changes.Tell;
        Log.Added += _changes.Tell;
        if (time is FakeClock clock)
        {
            clock.TimersChanged += _changes.Tell;
        }

        Queue = new MailQueue(delivery, new MailMetrics(_meters), times, time, Log);
    }

    public MailQueue Queue { get; }

    public LogLines<MailQueue> Log { get; } = new();

    public Measurements Measured { get; }

    public static async Task<RunningQueue> StartAsync(IMailDelivery delivery, MailTimes? times = null, TimeProvider? time = null)
    {
        var running = new RunningQueue(delivery, times ?? Quick, time ?? TimeProvider.System);
        await running.Queue.StartAsync(CancellationToken.None);
        return running;
    }

    /// <summary>Waits for what the queue logs and measures, and for its timers on a fake clock.</summary>
    public Task UntilAsync(Func<bool> condition, string what) => _changes.UntilAsync(condition, () => $"{what}. {Log.Text}");

    /// <summary>Waits until so many mails have ended, and asserts how.</summary>
    public async Task AssertEndedAsync(string outcome, int mails = 1)
    {
        await UntilAsync(() => Measured.Sum("llmobserve.mails") == mails, $"{mails} mails to end");
        Assert.Equal(mails, Measured.Sum("llmobserve.mails", "outcome", outcome));
        await UntilAsync(() => Measured.Sum("llmobserve.mail.waiting") == 0, "nothing to wait");
    }

    public async ValueTask DisposeAsync()
    {
        await Queue.StopAsync(CancellationToken.None).WaitAsync(Node.Patience, TimeProvider.System);
        Queue.Dispose();
        Measured.Dispose();
        _meters.Dispose();
    }
}
