using LlmObserve.Domain.Accounts;
using LlmObserve.Domain.Alerts;
using LlmObserve.Domain.Caps;
using LlmObserve.Domain.Money;
using LlmObserve.Storage.RowSecurity;
using Npgsql;

namespace LlmObserve.Storage.Alerts;

/// <summary>Thresholds that were crossed: one row for each (cap, period, threshold), whoever notices it and however often.</summary>
public sealed class AlertsStore(NpgsqlDataSource database)
{
    /// <summary>How far back <see cref="ListExceededAsync"/> looks: the longest period is a month of 31 days.</summary>
    private static readonly TimeSpan LongestPeriod = TimeSpan.FromDays(32);

    /// <summary>True where it was not on record yet.</summary>
    public async Task<bool> InsertOnceAsync(Alert alert, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(
            """
            INSERT INTO alerts (id, account_id, cap_id, threshold, alert_type, current_spend_nanos, cap_limit_nanos, percentage,
                                target_type, target_name, period_start, period_end, email_sent, created_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
            ON CONFLICT (cap_id, period_start, threshold) DO NOTHING
            """);
        command.Parameters.Add(new() { Value = alert.Id });
        command.Parameters.Add(new() { Value = alert.Account.Value });
        command.Parameters.Add(new() { Value = alert.Cap.Value });
        command.Parameters.Add(new() { Value = alert.Threshold });
        command.Parameters.Add(new() { Value = alert.AlertType });
        command.Parameters.Add(new() { Value = alert.CurrentSpend.Nanos });
        command.Parameters.Add(new() { Value = alert.CapLimit.Nanos });
        command.Parameters.Add(new() { Value = alert.Percentage });
        command.Parameters.Add(new() { Value = alert.TargetType.ToWire() });
        command.Parameters.Add(new() { Value = alert.TargetName });
        command.Parameters.Add(new() { Value = alert.PeriodStart });
        command.Parameters.Add(new() { Value = alert.PeriodEnd });
        command.Parameters.Add(new() { Value = alert.EmailSent });
        command.Parameters.Add(new() { Value = alert.CreatedAt });
        return await command.ExecuteNonQueryAsync(cancellationToken) == 1;
    }

    /// <summary>The newest alerts of an account.</summary>
    public async Task<IReadOnlyList<Alert>> ListAsync(AccountId account, int limit, CancellationToken cancellationToken)
    {
        await using var read = new AccountRead(database, account);
        var parameters = read.Add(
            """
            SELECT id, cap_id, threshold, current_spend_nanos, cap_limit_nanos, target_type, target_name, period_start, period_end,
                   email_sent, created_at
            FROM alerts WHERE account_id = $1 ORDER BY created_at DESC, id DESC LIMIT $2
            """);
        parameters.Add(new() { Value = account.Value });
        parameters.Add(new() { Value = limit });
        await using var reader = await read.ExecuteReaderAsync(cancellationToken);
        var alerts = new List<Alert>();
        while (await reader.ReadAsync(cancellationToken))
        {
            alerts.Add(FromRow(account, reader));
        }

        return alerts;
    }

    /// <summary>
    /// When each of an account's caps, or the one given, was used up, by cap and beginning of period, for the periods that may still run.
    /// </summary>
    public async Task<IReadOnlyDictionary<(CapId Cap, DateTimeOffset PeriodStart), DateTimeOffset>> ListExceededAsync(
        AccountId account,
        CapId? only,
        DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        await using var read = new AccountRead(database, account);
        var parameters = read.Add(
            $"""
            SELECT cap_id, period_start, created_at FROM alerts
            WHERE account_id = $1 AND created_at >= $2 AND alert_type = 'cap_exceeded' {(only is null ? "" : "AND cap_id = $3")}
            """);
        parameters.Add(new() { Value = account.Value });
        parameters.Add(new() { Value = now - LongestPeriod });
        if (only is { } cap)
        {
            parameters.Add(new() { Value = cap.Value });
        }

        await using var reader = await read.ExecuteReaderAsync(cancellationToken);
        var exceeded = new Dictionary<(CapId, DateTimeOffset), DateTimeOffset>();
        while (await reader.ReadAsync(cancellationToken))
        {
            exceeded[(new CapId(reader.GetGuid(0)), reader.GetFieldValue<DateTimeOffset>(1))] = reader.GetFieldValue<DateTimeOffset>(2);
        }

        return exceeded;
    }

    private static Alert FromRow(AccountId account, NpgsqlDataReader reader) => new()
    {
        Id = reader.GetGuid(0),
        Account = account,
        Cap = new CapId(reader.GetGuid(1)),
        Threshold = reader.GetDecimal(2),
        CurrentSpend = new Usd(reader.GetInt64(3)),
        CapLimit = new Usd(reader.GetInt64(4)),
        TargetType = CapWords.TryParseType(reader.GetString(5), out var type)
            ? type
            : throw new InvalidDataException($"the database holds '{reader.GetString(5)}' for an alert's target"),
        TargetName = reader.GetString(6),
        PeriodStart = reader.GetFieldValue<DateTimeOffset>(7),
        PeriodEnd = reader.GetFieldValue<DateTimeOffset>(8),
        EmailSent = reader.GetBoolean(9),
        CreatedAt = reader.GetFieldValue<DateTimeOffset>(10),
    };
}
