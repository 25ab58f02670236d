using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using LlmObserve.Api.Callers;
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
    private readonly PriceBooks _prices;
    private readonly JsonTypeInfo<CapCheckAnswer> _json;
    private readonly byte[] _free;
    private readonly byte[] _freeButStale;

    public CapCheckEndpoint(IGrainFactory grains, PriceBooks prices, IOptions<JsonOptions> json)
    {
        _grains = grains;
        _prices = prices;
        _json = (JsonTypeInfo<CapCheckAnswer>)json.Value.SerializerOptions.GetTypeInfo(typeof(CapCheckAnswer));
        _free = ToBytes(CapCheck.Free);
        _freeButStale = ToBytes(CapCheck.FreeButStale);
    }

    public Task CheckAsync(HttpContext context)
    {
        var labels = CheckLabels.Read(context.Request.QueryString.Value, _prices.Current);
        var check = _grains.GetGrain<IAccountGrain>(context.Caller().AccountKey).CheckAsync(labels);
        if (!check.IsCompletedSuccessfully)
        {
            return WriteAsync(context.Response, check);
        }

        Write(context.Response, check.Result);
        return Task.CompletedTask;
    }

    private async Task WriteAsync(HttpResponse response, Task<CapCheck> check) => Write(response, await check);

    /// <summary>Into the server's own buffer, which leaves when the request ends.</summary>
    private void Write(HttpResponse response, CapCheck check)
    {
        var body = !check.Allowed ? ToBytes(check) : check.Stale ? _freeButStale : _free;
        response.ContentType = "application/json; charset=utf-8";
        response.ContentLength = body.Length;
        response.BodyWriter.Write(body);
    }

    private byte[] ToBytes(CapCheck check) => JsonSerializer.SerializeToUtf8Bytes(new CapCheckAnswer(check), _json);
}
