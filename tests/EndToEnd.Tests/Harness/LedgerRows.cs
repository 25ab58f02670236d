using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Npgsql;

namespace LlmObserve.EndToEnd.Tests.Harness;

/// <summary>One account's events as PostgreSQL has them, read past the server.</summary>
internal sealed class LedgerRows(string connectionString, Account account)
{
    private const string OfAccount = "account_id = (SELECT account_id FROM api_keys WHERE key_sha256 = @key)";

    /// <summary>Every event's id; one that stands twice is there twice.</summary>
    public async Task<List<string>> IdsAsync()
    {
        var ids = new List<string>();
        await using var connection = await OpenAsync();
        await using var command = Command(connection, $"SELECT id FROM events WHERE {OfAccount}");
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
        {
            ids.Add(reader.GetString(0));
        }

        return ids;
    }

    /// <summary>Asserts that exactly these events are there, each once.</summary>
    public async Task AssertIdsAsync(IEnumerable<string> expected)
    {
        var ids = await IdsAsync();
        Assert.Equal(ids.Count, ids.Distinct().Count());
        Assert.Equal(expected.Order(StringComparer.Ordinal), ids.Order(StringComparer.Ordinal));
    }

    /// <summary>
    /// Asserts that each cap's spend, and the overview's, equals the sum over the events of its scope and period.
    /// </summary>
    public async Task AssertCapsEqualSumAsync(ApiClient client)
    {
        await using var connection = await OpenAsync();
        var caps = await client.CapsAsync();
        Assert.NotEmpty(caps);
        foreach (var cap in caps)
        {
            Assert.Equal(await SumAsync(connection, cap), cap.GetProperty("current_spend").GetDecimal());
        }

        await using var all = Command(connection, $"SELECT coalesce(sum(cost_nanos), 0), count(*) FROM events WHERE {OfAccount}");
        await using var reader = await all.ExecuteReaderAsync();
        await reader.ReadAsync();
        var overview = await client.GetAsync("stats/overview?hours=720");
        Assert.Equal(reader.GetDecimal(0) / 1_000_000_000, overview.GetProperty("total_cost").GetDecimal());
        Assert.Equal(reader.GetInt64(1), overview.GetProperty("call_count").GetInt64());
    }

    /// <summary>What all events cost, in US dollars.</summary>
    public async Task<decimal> CostAsync()
    {
        await using var connection = await OpenAsync();
        await using var all = Command(connection, $"SELECT coalesce(sum(cost_nanos), 0) FROM events WHERE {OfAccount}");
        return (decimal)(await all.ExecuteScalarAsync())! / 1_000_000_000;
    }

    private async Task<decimal> SumAsync(NpgsqlConnection connection, JsonElement cap)
    {
        var column = cap.GetProperty("cap_type").GetString() switch
        {
            "provider" => "provider",
            "model" => "model",
            "agent" => "agent",
            "customer" => "customer_id",
            _ => null,
        };
        await using var command = Command(
            connection,
            $"SELECT coalesce(sum(cost_nanos), 0) FROM events WHERE {OfAccount} AND occurred_at >= @from AND occurred_at < @until"
            + (column is null ? "" : $" AND {column} = @target"));
        command.Parameters.AddWithValue("from", cap.GetProperty("period_start").GetDateTimeOffset().ToUniversalTime());
        command.Parameters.AddWithValue("until", cap.GetProperty("period_end").GetDateTimeOffset().ToUniversalTime());
        command.Parameters.AddWithValue("target", (object?)cap.GetProperty("target_name").GetString() ?? DBNull.Value);
        return (decimal)(await command.ExecuteScalarAsync())! / 1_000_000_000;
    }

    private async Task<NpgsqlConnection> OpenAsync()
    {
        var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync();
        return connection;
    }

    private NpgsqlCommand Command(NpgsqlConnection connection, string sql)
    {
        var command = new NpgsqlCommand(sql, connection);
        command.Parameters.AddWithValue("key", SHA256.HashData(Encoding.UTF8.GetBytes(account.Key)));
        return command;
    }
}
