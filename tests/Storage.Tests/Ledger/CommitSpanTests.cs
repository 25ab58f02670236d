using System.Collections.Concurrent;
using System.Diagnostics;
using LlmObserve.Domain.Accounts;
using LlmObserve.Storage.Ledger;

namespace LlmObserve.Storage.Tests.Ledger;

/// <summary>Which trace a commit belongs to, for a listener that records what a recorded parent has.</summary>
public sealed class CommitSpanTests : IClassFixture<StorageDatabase>, IAsyncLifetime, IDisposable
{
    private readonly StorageDatabase _database;
    private readonly LedgerWriter _writer;
    private readonly ConcurrentQueue<Activity> _spans = new();
    private readonly ActivityListener _listener;

    public CommitSpanTests(StorageDatabase database)
    {
        _database = database;
        _writer = database.CreateWriter();
        _listener = new ActivityListener
        {
            ShouldListenTo = static source => source.Name == StorageServices.ActivitySourceName,
            Sample = static (ref ActivityCreationOptions<ActivityContext> options) =>
                options.Parent.TraceFlags.HasFlag(ActivityTraceFlags.Recorded) ? ActivitySamplingResult.AllDataAndRecorded : ActivitySamplingResult.None,
            ActivityStopped = _spans.Enqueue,
        };
        ActivitySource.AddActivityListener(_listener);
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _writer.DisposeAsync();

    public void Dispose() => _listener.Dispose();

    [Fact]
    public async Task Commit_OfRecordedAndOtherRequests_IsTheRecordedOnesChildAndLinksTheOthers()
    {
        var (other, recorded, another) = (Request(), Request(ActivityTraceFlags.Recorded), Request(ActivityTraceFlags.Recorded));

        await AppendAsync(other, recorded, another);

        var span = Assert.Single(_spans, span => span.TraceId == recorded.TraceId);
        Assert.Equal(recorded.SpanId, span.ParentSpanId);
        Assert.Equal([other, another], span.Links.Select(link => link.Context));
    }

    [Fact]
    public async Task Commit_OfRequestsThatNobodyRecords_IsNotRecorded()
    {
        var request = Request();

        await AppendAsync(request);

        Assert.DoesNotContain(_spans, span => span.TraceId == request.TraceId);
    }

    private static ActivityContext Request(ActivityTraceFlags flags = ActivityTraceFlags.None) =>
        new(ActivityTraceId.CreateRandom(), ActivitySpanId.CreateRandom(), flags);

    private async Task AppendAsync(params ActivityContext[] origins)
    {
        var account = AccountId.New();
        var head = await _database.TakeEpochAsync(account);
        var result = await _writer.AppendAsync(Events.Append(account, head, Events.Make("a")) with { Origins = [.. origins] }, default);
        Assert.Equal(AppendOutcome.Committed, result.Outcome);
    }
}
