using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using LlmObserve.Api.Callers;
using LlmObserve.Api.Http;
using LlmObserve.Domain.Caps;
using LlmObserve.Domain.Prices;
using LlmObserve.Grains.Interfaces.Accounts;
using LlmObserve.Grains.Interfaces.Caps;
using LlmObserve.Storage.Prices;
using Microsoft.Extensions.Options;
using Orleans;
using JsonOptions = Microsoft.AspNetCore.Http.Json.JsonOptions;

namespace LlmObserve.Api.Caps;

/// <summary>
/// <c>GET /caps/check</c>: whether a call may be made now. One grain call and no database; the answers that nearly every check gets are written
/// from bytes made once.
/// </summary>
internal sealed class CapCheckEndpoint
{
    private readonly IGrainFactory _grains;
    private readonly GrainCalls _calls;
    private readonly PriceBooks _prices;
    private readonly AccountPriceLists _lists;
    private readonly TimeProvider _clock;
    private readonly CheckMetrics _metrics;
    private readonly JsonTypeInfo<CapCheckAnswer> _json;
    private readonly byte[] _free;
    private readonly byte[] _freeButStale;

    public CapCheckEndpoint(
        IGrainFactory grains,
        GrainCalls calls,
        PriceBooks prices,
        AccountPriceLists lists,
        TimeProvider clock,
        CheckMetrics metrics,
        IOptions<JsonOptions> json)
    {
        _grains = grains;
        _calls = calls;
        _prices = prices;
        _lists = lists;
        _clock = clock;
        _metrics = metrics;
        _json = (JsonTypeInfo<CapCheckAnswer>)json.Value.SerializerOptions.GetTypeInfo(typeof(CapCheckAnswer));
        _free = ToBytes(CapCheck.Free);
        _freeButStale = ToBytes(CapCheck.FreeButStale);
    }

    public Task CheckAsync(HttpContext context)
    {
        var started = _metrics.Start();
        var book = _prices.Current;
        var labels = CheckLabels.Read(context.Request.QueryString.Value, book, out var unknown);
        return unknown is { } model ? CheckUnknownAsync(context, book, labels, model, started) : CheckAsync(context, labels, unpriced: false, started);
    }

    private Task CheckAsync(HttpContext context, CallLabels labels, bool unpriced, long started)
    {
        var account = context.Caller().AccountKey;
        var check = _grains.GetGrain<IAccountGrain>(account).CheckAsync(labels, unpriced);
        if (!check.IsCompletedSuccessfully)
        {
            return WriteAsync(context.Response, check, account, labels, unpriced, started);
        }

        Write(context.Response, check.Result, started);
        return Task.CompletedTask;
    }

    /// <summary>What the book has no price for, the account may: its list is at hand but for the first time that it is asked for.</summary>
    private async Task CheckUnknownAsync(HttpContext context, PriceBook book, CallLabels labels, UnknownModel model, long started)
    {
        var own = AccountPrices.None;
        try
        {
            own = await _lists.OfAsync(context.Caller().Account, context.RequestAborted);
        }
        catch (Exception e) when (TransientFaults.IsTransient(e))
        {
            // Checks go on without the database: until it is back, the call counts as unpriced.
        }

        await CheckAsync(context, labels, !book.Knows(model.Provider, model.Model, own, _clock.GetUtcNow()), started);
    }

    private async Task WriteAsync(HttpResponse response, Task<CapCheck> check, string account, CallLabels labels, bool unpriced, long started) =>
        Write(response, await _calls.RepeatAsync<IAccountGrain, CapCheck>(check, account, grain => grain.CheckAsync(labels, unpriced)), started);

    /// <summary>Into the server's own buffer, which leaves when the request ends.</summary>
    private void Write(HttpResponse response, CapCheck check, long started)
    {
        var body = !check.Allowed ? ToBytes(check) : check.Stale ? _freeButStale : _free;
        response.ContentType = "application/json; charset=utf-8";
        response.ContentLength = body.Length;
        response.BodyWriter.Write(body);
        _metrics.Answered(check, started);
    }

    private byte[] ToBytes(CapCheck check) => JsonSerializer.SerializeToUtf8Bytes(new CapCheckAnswer(check), _json);
}
