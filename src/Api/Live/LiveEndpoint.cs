using System.IO.Pipelines;
using LlmObserve.Api.Callers;
using LlmObserve.Api.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Hosting;

namespace LlmObserve.Api.Live;

/// <summary>Writes a stream until its reader, its credential or the server ends it.</summary>
internal sealed class LiveEndpoint(
    LiveAccounts accounts, CallerAuthentication authentication, TimeProvider time, LiveMetrics metrics, IHostApplicationLifetime lifetime)
{
    private static readonly Problem s_stopping = Problems.Unavailable("The server is about to stop; try again in a moment.", ShedReasons.Server);

    /// <summary>What readers skip, and proxies see.</summary>
    private static ReadOnlyMemory<byte> Heartbeat { get; } = ":\n\n"u8.ToArray();

    public async Task StreamAsync(HttpContext context)
    {
        var caller = context.Caller();

        // Streams end when the server begins to stop, so that it waits for none of them.
        using var end = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, lifetime.ApplicationStopping);
        try
        {
            var (stream, refusal) = await accounts.OpenAsync(caller, end.Token);
            if (stream is null)
            {
                await refusal!.ExecuteAsync(context);
                return;
            }

            try
            {
                await WriteAsync(stream, caller, context, end.Token);
            }
            finally
            {
                accounts.Close(caller, stream);
            }
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            if (!context.Response.HasStarted && !context.RequestAborted.IsCancellationRequested)
            {
                await s_stopping.ExecuteAsync(context);
            }
        }
    }

    private async Task WriteAsync(LiveStream stream, Caller caller, HttpContext context, CancellationToken end)
    {
        // nginx and its like gather small answers unless they are told.
        context.Response.Headers["X-Accel-Buffering"] = "no";
        context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        var writer = context.Response.BodyWriter;
        await using var heart = time.CreateTimer(static stream => ((LiveStream)stream!).Beat(), stream, LiveLimits.HeartbeatEvery, LiveLimits.HeartbeatEvery);
        var checkedAt = time.GetTimestamp();
        if (await IsGoneAsync(writer, LiveMessage.Hello(stream.Start), end))
        {
            return;
        }

        while (true)
        {
            var (message, isBeaten) = await stream.NextAsync(end);
            if (isBeaten && time.GetElapsedTime(checkedAt) >= LiveLimits.CheckAfter)
            {
                if (!await MayGoOnAsync(caller, context))
                {
                    return;
                }

                checkedAt = time.GetTimestamp();
            }

            if (message is not null)
            {
                metrics.Sent();
            }

            if (await IsGoneAsync(writer, message?.Bytes ?? Heartbeat, end))
            {
                return;
            }
        }
    }

    private static async ValueTask<bool> IsGoneAsync(PipeWriter writer, ReadOnlyMemory<byte> bytes, CancellationToken end) =>
        (await writer.WriteAsync(bytes, end)).IsCompleted;

    /// <summary>Whether the credential that opened the stream would open it now, for the same account.</summary>
    private async Task<bool> MayGoOnAsync(Caller caller, HttpContext context)
    {
        try
        {
            var rule = context.GetEndpoint()!.Metadata.GetMetadata<CallerRule>()!;
            _ = CallerMiddleware.TryGetToken(context.Request, out var token);
            var answer = await authentication.AuthenticateAsync(token, rule, context);

            // Whoever cannot be looked up now, as one of too many, is not refused.
            return answer.Caller is { } now
                ? now.Account == caller.Account
                : answer.Refusal!.Status is not (StatusCodes.Status401Unauthorized or StatusCodes.Status403Forbidden);
        }
        catch (Exception e) when (TransientFaults.IsTransient(e))
        {
            // What knows does not answer. Streams that all came back at once would not help it; the next look is soon.
            return true;
        }
    }
}
