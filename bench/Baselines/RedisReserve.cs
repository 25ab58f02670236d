using System.Text;
using LlmObserve.Bench.Running;

namespace LlmObserve.Bench.Baselines;

/// <summary>
/// The decision of a hold as a script in Redis: five counters, all or none, and a key that is gone after the hold's time. What it does not do:
/// tell a caller from another, price, match caps, take the amount out of the counters when the key is gone, or know of a failure.
/// </summary>
internal static class RedisReserve
{
    private const int Counters = 5;

    /// <summary>As many as the account has caps.</summary>
    private const int AllCounters = 1_000;

    private const string Script =
        """
        local amount = tonumber(ARGV[1])
        for i = 1, 5 do
          local cap = redis.call('HMGET', KEYS[i], 'limit', 'spent', 'held')
          if cap[2] + cap[3] + amount > tonumber(cap[1]) then return 0 end
        end
        for i = 1, 5 do redis.call('HINCRBY', KEYS[i], 'held', ARGV[1]) end
        redis.call('SET', KEYS[6], ARGV[1], 'EX', ARGV[2])
        return 1
        """;

    private const string AmountNanos = "11000000";
    private const string LimitNanos = "1000000000000000";
    private const string Seconds = "600";

    /// <summary>Reserves so often, in empty counters.</summary>
    /// <param name="redis">Where.</param>
    /// <param name="fsync">When its file is made durable: <c>everysec</c> or <c>always</c>.</param>
    /// <param name="callers">At once.</param>
    /// <param name="calls">Reservations.</param>
    /// <param name="time">Measures.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async Task<Pace> ReserveAsync(
        RedisServer redis, string fsync, int callers, int calls, TimeProvider time, CancellationToken cancellationToken)
    {
        using var control = await RedisConnection.OpenAsync(redis.Port, cancellationToken);
        await control.AskAsync(["FLUSHALL"], cancellationToken);
        await control.AskAsync(["CONFIG", "SET", "appendfsync", "everysec"], cancellationToken);
        for (var i = 0; i < AllCounters; i++)
        {
            await control.AskAsync(["HSET", $"cap:{i}", "limit", LimitNanos, "spent", "0", "held", "0"], cancellationToken);
        }

        await control.AskAsync(["CONFIG", "SET", "appendfsync", fsync], cancellationToken);
        var script = await control.AskAsync(["SCRIPT", "LOAD", Script], cancellationToken);
        var open = await Callers.OpenAsync(callers, async () => new Caller(await RedisConnection.OpenAsync(redis.Port, cancellationToken), script));
        try
        {
            var pace = await Callers.ShareAsync(open, calls, redis.ProcessorTime, time, cancellationToken);
            var held = await control.AskAsync(["HGET", "cap:0", "held"], cancellationToken);
            return held == $"{calls * long.Parse(AmountNanos)}"
                ? pace
                : throw new InvalidOperationException($"Redis holds {held} nano-dollars after {calls} reservations of {AmountNanos}.");
        }
        finally
        {
            open.ForEach(static caller => caller.Dispose());
        }
    }

    /// <summary>Writes a new hold's name into the same command each time.</summary>
    private sealed class Caller : ICaller
    {
        private const int NameLength = 32;
        private static readonly string s_name = new('n', NameLength);

        private readonly RedisConnection _connection;
        private readonly byte[] _command;
        private readonly int _nameAt;

        public Caller(RedisConnection connection, string script)
        {
            _connection = connection;
            _command = RedisConnection.Command(
            [
                "EVALSHA", script, $"{Counters + 1}", .. Enumerable.Range(0, Counters).Select(static cap => $"cap:{cap}"), $"hold:{s_name}",
                AmountNanos, Seconds,
            ]);
            _nameAt = _command.AsSpan().IndexOf(Encoding.ASCII.GetBytes(s_name));
        }

        public async ValueTask CallAsync(CancellationToken cancellationToken)
        {
            Guid.NewGuid().TryFormat(_command.AsSpan(_nameAt, NameLength), out _, "N");
            var answer = await _connection.AskAsync(_command, cancellationToken);
            if (!answer.Span.SequenceEqual(":1\r\n"u8))
            {
                throw new InvalidOperationException($"Redis did not reserve: {Encoding.ASCII.GetString(answer.Span)}");
            }
        }

        public void Dispose() => _connection.Dispose();
    }
}
