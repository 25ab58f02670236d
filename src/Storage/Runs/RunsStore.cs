using System.Collections.Immutable;
using LlmObserve.Domain.Accounts;
using LlmObserve.Domain.Money;
using LlmObserve.Storage.RowSecurity;
using LlmObserve.Storage.Stats;
using Npgsql;

namespace LlmObserve.Storage.Runs;

/// <summary>Runs, read from the ledger itself. Every read is bounded, however many calls a run has.</summary>
public sealed class RunsStore(NpgsqlDataSource database)
{
    /// <summary>Runs on a page at most: with <see cref="EventsOfSummary"/> calls each, a page reads no more than a long list of figures does.</summary>
    public const int MaxRuns = 100;

    /// <summary>Calls that the figures of a run in a list cover; a run that is one request of a program has tens.</summary>
    public const int EventsOfSummary = 1_000;

    /// <summary>Calls that the figures of one run's page cover: what one query may read.</summary>
    public const int EventsOfFigures = 100_000;

    /// <summary>Calls that one run's page shows; more is no page that a person reads.</summary>
    public const int EventsShown = 1_000;

    /// <summary>Rows of each breakdown.</summary>
    public const int Parts = 100;

    /// <summary>
    /// Calls that one page of the list looks through; where they hold too few runs the page is short and goes on from there.
    /// </summary>
    public const int EventsScanned = 5_000;

    /// <summary>Runs by their latest matching call in the window, newest first.</summary>
    public async Task<RunPage> ListLatestAsync(
        AccountId account, StatsWindow window, StatsFilter filter, RunPosition? after, int runs, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(runs, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(runs, MaxRuns);
        var found = new List<(string Run, RunPosition Position)>();
        RunPosition? next = null;
        await using (var read = new AccountRead(database, account))
        {
            var latest = new NpgsqlBatchCommand();
            latest.CommandText = RunsSql.Latest(latest.Parameters, account, window, filter, after, runs + 1, EventsScanned);
            read.Add(latest);
            await using var reader = await read.ExecuteReaderAsync(cancellationToken);
            while (await reader.ReadAsync(cancellationToken))
            {
                var position = new RunPosition(reader.GetFieldValue<DateTimeOffset>(1), reader.GetInt64(2));
                if (reader.IsDBNull(0))
                {
                    next = position;
                }
                else
                {
                    found.Add((reader.GetString(0), position));
                }
            }
        }

        if (found.Count > runs)
        {
            found.RemoveRange(runs, found.Count - runs);
            next = found[^1].Position;
        }

        return new RunPage(await SummariseAsync(account, [.. found.Select(row => row.Run)], cancellationToken), next);
    }

    /// <summary>One run, or null where the account has none of that name.</summary>
    public async Task<RunDetail?> GetAsync(AccountId account, string runId, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(runId);
        var sections = ImmutableArray.CreateBuilder<RunPart>();
        var providers = ImmutableArray.CreateBuilder<RunPart>();
        var models = ImmutableArray.CreateBuilder<RunPart>();
        RunSummary? summary = null;
        await using (var read = new AccountRead(database, account))
        {
            var parameters = read.Add(RunsSql.Figures);
            AddRun(parameters, account, runId, EventsOfFigures + 1);
            parameters.Add(new NpgsqlParameter<int> { TypedValue = Parts });
            await using var reader = await read.ExecuteReaderAsync(cancellationToken);
            while (await reader.ReadAsync(cancellationToken))
            {
                var part = new RunPart(reader.GetString(1), RunRowReader.Figures(reader, 2));
                switch (reader.GetInt32(0))
                {
                    case 3:
                        sections.Add(part);
                        break;
                    case 5:
                        providers.Add(part);
                        break;
                    case 6:
                        models.Add(part);
                        break;
                    default:
                        summary = part.Figures.Calls == 0 ? null : RunRowReader.Summary(reader, runId, 2, EventsOfFigures);
                        break;
                }
            }
        }

        if (summary is null)
        {
            return null;
        }

        var events = await ListEventsAsync(account, runId, cancellationToken);
        var cut = events.Count > EventsShown;
        return new RunDetail(
            summary,
            sections.ToImmutable(),
            providers.ToImmutable(),
            models.ToImmutable(),
            [.. events.Take(EventsShown).Reverse()],
            cut);
    }

    private async Task<ImmutableArray<RunSummary>> SummariseAsync(AccountId account, string[] runs, CancellationToken cancellationToken)
    {
        if (runs.Length == 0)
        {
            return [];
        }

        await using var read = new AccountRead(database, account);
        var parameters = read.Add(RunsSql.Summaries);
        parameters.Add(new NpgsqlParameter<Guid> { TypedValue = account.Value });
        parameters.Add(new NpgsqlParameter<string[]> { TypedValue = runs });
        parameters.Add(new NpgsqlParameter<int> { TypedValue = EventsOfSummary + 1 });
        await using var reader = await read.ExecuteReaderAsync(cancellationToken);
        var summaries = ImmutableArray.CreateBuilder<RunSummary>(runs.Length);
        while (await reader.ReadAsync(cancellationToken))
        {
            summaries.Add(RunRowReader.Summary(reader, reader.GetString(0), 1, EventsOfSummary));
        }

        return summaries.ToImmutable();
    }

    private async Task<List<RunEvent>> ListEventsAsync(AccountId account, string runId, CancellationToken cancellationToken)
    {
        await using var read = new AccountRead(database, account);
        AddRun(read.Add(RunsSql.Events), account, runId, EventsShown + 1);
        await using var reader = await read.ExecuteReaderAsync(cancellationToken);
        var events = new List<RunEvent>();
        while (await reader.ReadAsync(cancellationToken))
        {
            events.Add(RunRowReader.Event(reader));
        }

        return events;
    }

    private static void AddRun(NpgsqlParameterCollection parameters, AccountId account, string runId, int events)
    {
        parameters.Add(new NpgsqlParameter<Guid> { TypedValue = account.Value });
        parameters.Add(new NpgsqlParameter<string> { TypedValue = runId });
        parameters.Add(new NpgsqlParameter<int> { TypedValue = events });
    }
}
