using System.Collections.Immutable;
using LlmObserve.Api.Callers;
using LlmObserve.Api.Http;
using LlmObserve.Api.Stats;
using LlmObserve.Domain.Faults;
using LlmObserve.Storage.Audit;
using Microsoft.AspNetCore.Http.HttpResults;

namespace LlmObserve.Api.Audit;

/// <summary>Reads the audit log of the caller's account.</summary>
internal sealed class AuditEndpoints(AuditStore store)
{
    /// <summary>A screenful.</summary>
    public const int DefaultLimit = 50;

    /// <summary>No action, address or id is longer.</summary>
    private const int MaxFilterLength = 320;

    public async Task<Results<Ok<AuditPage>, Problem>> ListAsync(Caller caller, HttpContext context)
    {
        var faults = ImmutableArray.CreateBuilder<Fault>();
        var request = context.Request.Query;
        var query = Read(caller, request, faults);
        var limit = StatsRequest.ReadCount(request, "limit", DefaultLimit, AuditStore.MaxRows, faults);
        AuditPosition? after = null;
        if (StatsRequest.Text(request, "cursor") is { } text)
        {
            after = AuditCursor.TryParse(text, out var position) ? position : null;
            if (after is null)
            {
                faults.Add(StatsRequest.BadCursor);
            }
        }

        if (faults.Count > 0)
        {
            return Problems.Invalid(faults.ToImmutable());
        }

        var rows = await store.ListAsync(query, after, limit, context.RequestAborted);
        var next = rows.Count == limit ? AuditCursor.Of(rows[^1]) : null;
        return TypedResults.Ok(new AuditPage([.. rows.Select(AuditItem.FromRow)], next));
    }

    /// <summary>Page by page into the answer, so that memory is bounded by a page however long the log is.</summary>
    public async Task ExportAsync(HttpContext context)
    {
        var faults = ImmutableArray.CreateBuilder<Fault>();
        var query = Read(context.Caller(), context.Request.Query, faults);
        if (faults.Count > 0)
        {
            await Problems.Invalid(faults.ToImmutable()).ExecuteAsync(context);
            return;
        }

        // The first page before the first byte: what fails at once is answered with a problem.
        var rows = await store.ListAsync(query, null, AuditStore.MaxRows, context.RequestAborted);
        context.Response.ContentType = CsvLine.ContentType;
        context.Response.Headers.ContentDisposition = "attachment; filename=\"audit.csv\"";
        await using var writer = new StreamWriter(context.Response.Body, CsvLine.Encoding);
        await writer.WriteAsync(AuditCsv.Header);
        while (rows.Count > 0)
        {
            foreach (var row in rows)
            {
                await writer.WriteAsync(AuditCsv.Line(row));
            }

            await writer.FlushAsync(context.RequestAborted);
            rows = rows.Count < AuditStore.MaxRows
                ? []
                : await store.ListAsync(query, new AuditPosition(rows[^1].At, rows[^1].Id), AuditStore.MaxRows, context.RequestAborted);
        }
    }

    private static AuditQuery Read(Caller caller, IQueryCollection query, ImmutableArray<Fault>.Builder faults)
    {
        var from = StatsRequest.ReadTime(query, "from", faults);
        var to = StatsRequest.ReadTime(query, "to", faults);
        if (from >= to)
        {
            faults.Add(new Fault("from", FaultCodes.OutOfRange, "from must be before to."));
        }

        return new AuditQuery(caller.Account, from, to, Text("action"), Text("actor"), Text("object_id"));

        string? Text(string name) =>
            StatsRequest.Text(query, name) is { } text && TextFaults.Check(name, text, MaxFilterLength, faults) ? text : null;
    }
}
