using System.Net;
using System.Net.Sockets;
using LlmObserve.Mail.Tests.Harness;
using LlmObserve.Testing;
using Microsoft.Extensions.Logging;

namespace LlmObserve.Mail.Tests;

/// <summary>The queue before servers that do as they should not.</summary>
public sealed class MailQueueTests
{
    [Fact]
    public async Task Enqueue_ServerThatTakesItLater_SendsItOnce()
    {
        await using var server = await MailServer.StartAsync(new() { Replies = [451, 421] });
        await using var running = await RunningQueue.StartAsync(Smtp(server.Port));
        var mail = SmtpMailTests.Mail();

        Assert.True(running.Queue.TryEnqueue(mail));

        Assert.StartsWith($"<{mail.Id:N}@", (await server.MailAsync()).Mail!.MessageId, StringComparison.Ordinal);
        await running.AssertEndedAsync("sent");
        Assert.Equal([mail.To, mail.To, mail.To], server.Recipients);
        Assert.Equal([LogLevel.Warning, LogLevel.Warning], running.Log.Lines.Select(line => line.Level));
        AssertTellsNothing(running);
    }

    [Fact]
    public async Task Enqueue_ServerThatRefuses_IsNotAskedAgain()
    {
        await using var server = await MailServer.StartAsync(new() { Replies = [550] });
        await using var running = await RunningQueue.StartAsync(Smtp(server.Port));

        running.Queue.TryEnqueue(SmtpMailTests.Mail());

        await running.AssertEndedAsync("refused");
        Assert.Equal(LogLevel.Error, Assert.Single(running.Log.Lines).Level);
        AssertTellsNothing(running);
        Assert.Single(await server.EndAsync());
    }

    [Fact]
    public async Task Enqueue_NobodyListens_GivesUpAfterTheLastTry()
    {
        var nobody = new TcpListener(IPAddress.Loopback, 0);
        nobody.Start();
        var port = ((IPEndPoint)nobody.LocalEndpoint).Port;
        nobody.Stop();
        await using var running = await RunningQueue.StartAsync(Smtp(port));

        running.Queue.TryEnqueue(SmtpMailTests.Mail());

        await running.AssertEndedAsync("failed");
        Assert.Equal([LogLevel.Warning, LogLevel.Warning, LogLevel.Error], running.Log.Lines.Select(line => line.Level));
        Assert.Contains("after 3 tries: no connection (ConnectionRefused)", running.Log.Text, StringComparison.Ordinal);
        AssertTellsNothing(running);
    }

    [Fact]
    public async Task Enqueue_ServerThatNeverGreets_HoldsUpNobodyAndIsLeft()
    {
        using var mute = new TcpListener(IPAddress.Loopback, 0);
        mute.Start();
        var clock = new FakeClock();
        var times = MailTimes.Default with { Waits = [] };
        await using var running = await RunningQueue.StartAsync(Smtp(((IPEndPoint)mute.LocalEndpoint).Port), times, clock);

        Assert.True(running.Queue.TryEnqueue(SmtpMailTests.Mail()));
        Assert.True(running.Queue.TryEnqueue(SmtpMailTests.Mail()));

        using var first = await mute.AcceptTcpClientAsync();
        clock.Advance(times.Send);
        using var second = await mute.AcceptTcpClientAsync();
        clock.Advance(times.Send);

        await running.AssertEndedAsync("failed", mails: 2);
        Assert.Contains($"no reply within {times.Send.TotalSeconds} s", running.Log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Enqueue_ServerThatReadsAndNeverAnswers_SendsItAgainUnderTheSameId()
    {
        await using var server = await MailServer.StartAsync(new() { Hangs = 1 });
        var clock = new FakeClock();
        await using var running = await RunningQueue.StartAsync(Smtp(server.Port), RunningQueue.Quick, clock);
        running.Queue.TryEnqueue(SmtpMailTests.Mail());
        var first = await server.MailAsync();

        clock.Advance(RunningQueue.Quick.Send);
        await running.UntilAsync(() => running.Log.Lines.Count == 1 && clock.ArmedTimers == 1, "the wait for the second try");
        clock.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(first.Mail!.MessageId, (await server.MailAsync()).Mail!.MessageId);
        await running.AssertEndedAsync("sent");
    }

    [Fact]
    public async Task Enqueue_OneWaitsForAnotherTry_OthersGoOut()
    {
        var clock = new FakeClock();
        var delivery = new ScriptedDelivery();
        await using var running = await RunningQueue.StartAsync(delivery, MailTimes.Default, clock);
        var (first, second) = (SmtpMailTests.Mail(), SmtpMailTests.Mail());
        running.Queue.TryEnqueue(first);
        (await delivery.NextAsync(first)).SetException(new MailNotTakenException("not now", isFinal: false));
        running.Queue.TryEnqueue(second);

        (await delivery.NextAsync(second)).SetResult();
        await running.UntilAsync(() => clock.ArmedTimers == 1, "the second to be done");
        clock.Advance(TimeSpan.FromSeconds(6));
        (await delivery.NextAsync(first)).SetResult();

        await running.AssertEndedAsync("sent", mails: 2);
    }

    [Fact]
    public async Task Enqueue_DeliveryThatDoesNotHearOfItsEnd_HoldsUpNobody()
    {
        var clock = new FakeClock();
        var delivery = new ScriptedDelivery();
        await using var running = await RunningQueue.StartAsync(delivery, MailTimes.Default with { Waits = [] }, clock);
        var (first, second) = (SmtpMailTests.Mail(), SmtpMailTests.Mail());
        running.Queue.TryEnqueue(first);
        running.Queue.TryEnqueue(second);
        await delivery.NextAsync(first);

        clock.Advance(MailTimes.Default.Send);

        (await delivery.NextAsync(second)).SetResult();
        await running.UntilAsync(() => running.Measured.Sum("llmobserve.mails") == 2, "both to end");
        Assert.Equal(["failed", "sent"], running.Measured.Of("llmobserve.mails").Select(mail => mail.Tags["outcome"]));
    }

    [Fact]
    public async Task Enqueue_DeliveryWithABug_TellsItsTypeAndGoesOn()
    {
        var delivery = new ScriptedDelivery();
        await using var running = await RunningQueue.StartAsync(delivery, RunningQueue.Quick with { Waits = [] });
        var (first, second) = (SmtpMailTests.Mail(), SmtpMailTests.Mail());
        running.Queue.TryEnqueue(first);
        running.Queue.TryEnqueue(second);

        (await delivery.NextAsync(first)).SetException(new FormatException($"{first.To} {first.Text}"));
        (await delivery.NextAsync(second)).SetResult();

        await running.UntilAsync(() => running.Measured.Sum("llmobserve.mails") == 2, "both to end");
        Assert.Contains("FormatException", running.Log.Text, StringComparison.Ordinal);
        AssertTellsNothing(running);
    }

    [Fact]
    public async Task Enqueue_TooManyWait_IsDroppedAndCounted()
    {
        var delivery = new ScriptedDelivery();
        await using var running = await RunningQueue.StartAsync(delivery, RunningQueue.Quick with { Flush = TimeSpan.Zero });

        var taken = Enumerable.Range(0, MailQueue.MaxWaiting + 2).Select(_ => running.Queue.TryEnqueue(SmtpMailTests.Mail())).ToList();

        Assert.Equal([.. Enumerable.Repeat(true, MailQueue.MaxWaiting), false, false], taken);
        Assert.Equal(2, running.Measured.Sum("llmobserve.mails", "outcome", "overflow"));
        Assert.Equal("password_reset", running.Measured.Of("llmobserve.mails")[0].Tags["mail.kind"]);
        Assert.Equal(MailQueue.MaxWaiting, running.Measured.Sum("llmobserve.mail.waiting"));
    }

    [Fact]
    public async Task Stop_MailThatWaitsForAnotherTry_IsSentFirst()
    {
        var clock = new FakeClock();
        var delivery = new ScriptedDelivery();
        await using var running = await RunningQueue.StartAsync(delivery, MailTimes.Default, clock);
        var mail = SmtpMailTests.Mail();
        running.Queue.TryEnqueue(mail);
        (await delivery.NextAsync(mail)).SetException(new MailNotTakenException("not now", isFinal: false));
        await running.UntilAsync(() => running.Log.Lines.Count == 1, "the first try to end");

        var stop = running.Queue.StopAsync(CancellationToken.None);
        (await delivery.NextAsync(mail)).SetResult();

        await stop.WaitAsync(Node.Patience, TimeProvider.System);
        await running.AssertEndedAsync("sent");
        Assert.False(running.Queue.TryEnqueue(SmtpMailTests.Mail()));
    }

    [Fact]
    public async Task Stop_ServerThatHangs_DropsWhatIsLeftInTheEnd()
    {
        var clock = new FakeClock();
        var delivery = new ScriptedDelivery();
        await using var running = await RunningQueue.StartAsync(delivery, MailTimes.Default, clock);
        var first = SmtpMailTests.Mail();
        running.Queue.TryEnqueue(first);
        running.Queue.TryEnqueue(SmtpMailTests.Mail());
        await delivery.NextAsync(first);

        var stop = running.Queue.StopAsync(CancellationToken.None);
        Assert.False(stop.IsCompleted);
        clock.Advance(MailTimes.Default.Flush);

        await stop.WaitAsync(Node.Patience, TimeProvider.System);
        await running.AssertEndedAsync("stopped", mails: 2);
        AssertTellsNothing(running);
    }

    [Fact]
    public void Waits_Defaults_GrowAndVary()
    {
        for (var tries = 1; tries <= MailTimes.Default.Waits.Count; tries++)
        {
            var waits = Enumerable.Range(0, 100).Select(_ => MailTimes.Default.WaitAfter(tries)!.Value).ToList();
            Assert.InRange(waits.Min(), MailTimes.Default.Waits[tries - 1] * 0.8, MailTimes.Default.Waits[tries - 1]);
            Assert.InRange(waits.Max(), MailTimes.Default.Waits[tries - 1], MailTimes.Default.Waits[tries - 1] * 1.2);
        }

        Assert.Equal(MailTimes.Default.Waits.Order(), MailTimes.Default.Waits);
        Assert.Null(MailTimes.Default.WaitAfter(MailTimes.Default.Waits.Count + 1));
    }

    private static SmtpMail Smtp(int port) => new(SmtpMailTests.Options(port));

    private static void AssertTellsNothing(RunningQueue running)
    {
        Assert.NotEmpty(running.Log.Text);
        foreach (var secret in new[] { "ada@", "example.com", "token", "abc-123" })
        {
            Assert.DoesNotContain(secret, running.Log.Text, StringComparison.OrdinalIgnoreCase);
        }
    }
}
