using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using LlmObserve.Api.Callers;
using LlmObserve.Api.Http;
using LlmObserve.Domain.Caps;
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
    private readonly CheckMetrics _metrics;
    private readonly JsonTypeInfo<CapCheckAnswer> _json;
    private readonly byte[] _free;
    private readonly byte[] _freeButStale;

    public CapCheckEndpoint(IGrainFactory grains, GrainCalls calls, PriceBooks prices, CheckMetrics metrics, IOptions<JsonOptions> json)
    {
        _grains = grains;
        _calls = calls;
        _prices = prices;
        _metrics = metrics;
        _json = (JsonTypeInfo<CapCheckAnswer>)json.Value.SerializerOptions.GetTypeInfo(typeof(CapCheckAnswer));
        _free = ToBytes(CapCheck.Free);
        _freeButStale = ToBytes(CapCheck.FreeButStale);
    }

    public Task CheckAsync(HttpContext context)
    {
        var started = _metrics.Start();
        var labels = CheckLabels.Read(context.Request.QueryString.Value, _prices.Current, out var unpriced);
        var account = context.Caller().AccountKey;
        var check = _grains.GetGrain<IAccountGrain>(account).CheckAsync(labels, unpriced);
        if (!check.IsCompletedSuccessfully)
        {
            return WriteAsync(context.Response, check, account, labels, unpriced, started);
        }

        Write(context.Response, check.Result, started);
        return Task.CompletedTask;
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
