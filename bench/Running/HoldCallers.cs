using System.Text;

namespace LlmObserve.Bench.Running;

/// <summary>Sends one request over and over.</summary>
/// <param name="connection">Its own.</param>
/// <param name="request">What it asks.</param>
/// <param name="times">So often for one call.</param>
internal sealed class RepeatingCaller(RawHttpConnection connection, byte[] request, int times = 1) : ICaller
{
    public async ValueTask CallAsync(CancellationToken cancellationToken)
    {
        for (var i = 0; i < times; i++)
        {
            await connection.AskAsync(request, cancellationToken);
        }
    }

    public void Dispose() => connection.Dispose();
}

/// <summary>Takes holds, and gives them all back when told to.</summary>
internal sealed class HoldingCaller(RawHttpConnection connection, byte[] request) : ICaller
{
    private readonly List<string> _holds = [];

    public async ValueTask CallAsync(CancellationToken cancellationToken) =>
        _holds.Add(Encoding.ASCII.GetString(GrantedHold.IdIn(await connection.AskAsync(request, cancellationToken)).Span));

    public async Task GiveBackAsync(Uri server, string key, CancellationToken cancellationToken)
    {
        foreach (var hold in _holds)
        {
            await connection.AskAsync(RawRequest.Delete(new Uri(server, $"/caps/holds/{hold}"), key), cancellationToken);
        }

        _holds.Clear();
    }

    public void Dispose() => connection.Dispose();
}

/// <summary>What surrounds a call to a provider: asks whether it may be made, with a hold or without, and then sends its event.</summary>
/// <param name="connection">Its own.</param>
/// <param name="ask">Before the call.</param>
/// <param name="report">After it; where it names a hold, then that of the answer.</param>
internal sealed class CycleCaller(RawHttpConnection connection, byte[] ask, EventRequest report) : ICaller
{
    public async ValueTask CallAsync(CancellationToken cancellationToken)
    {
        var answer = await connection.AskAsync(ask, cancellationToken);
        var recorded = await connection.AskAsync(report.Next(report.NamesHold ? GrantedHold.IdIn(answer).Span : default), cancellationToken);

        // A hold that is not settled plainly is listed.
        if (recorded.Span.IndexOf("\"created\":1,"u8) < 0 || recorded.Span.IndexOf("\"holds\""u8) >= 0)
        {
            throw new InvalidOperationException($"The event did not settle its hold plainly: {RawHttpConnection.Text(recorded.Span)}");
        }
    }

    public void Dispose() => connection.Dispose();
}

/// <summary>An answer to <c>POST /caps/check</c>.</summary>
internal static class GrantedHold
{
    /// <summary><c>hold_</c> and 32 digits; throws where nothing is held.</summary>
    public static ReadOnlyMemory<byte> IdIn(ReadOnlyMemory<byte> answer)
    {
        var name = "\"hold_id\":\""u8;
        var at = answer.Span.IndexOf(name);
        return at >= 0
            ? answer.Slice(at + name.Length, EventRequest.HoldIdLength)
            : throw new InvalidOperationException($"Nothing is held: {RawHttpConnection.Text(answer.Span)}");
    }
}
