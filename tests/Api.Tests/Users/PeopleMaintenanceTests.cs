using LlmObserve.Mail;
using LlmObserve.Storage.Users;
using Microsoft.Extensions.Logging.Abstractions;

namespace LlmObserve.Api.Tests.Users;

public sealed class PeopleMaintenanceTests(AppFixture app) : IClassFixture<AppFixture>
{
    [Fact]
    public async Task RunOnce_WhatIsOver_IsDeletedAndNothingElse()
    {
        using var person = await app.SignUpAsync();
        await app.Mails.NextTokenAsync(person.Email, MailKind.AddressVerification);
        await app.ExecuteAsync(
            """
            WITH who AS (SELECT u.id AS person, a.id AS account, k.id AS key FROM users u
                         JOIN accounts a ON a.personal_user_id = u.id JOIN api_keys k ON k.account_id = a.id WHERE u.email = $1),
            times AS (SELECT now() + i * interval '1 hour' AS ends, i FROM unnest(ARRAY[-1, 1]) i),
            s AS (INSERT INTO sessions (id, user_id, created_at, refreshed_at, expires_at)
                  SELECT gen_random_uuid(), person, now(), now(), ends FROM who, times),
            t AS (INSERT INTO user_tokens (sha256, user_id, purpose, email, created_at, expires_at)
                  SELECT sha256(ends::text::bytea), person, 'verify', 'a@example.com', now(), ends FROM who, times),
            i AS (INSERT INTO invitations (id, account_id, email, role, sha256, created_at, expires_at)
                  SELECT gen_random_uuid(), account, i || '@example.com', 'member', sha256(ends::text::bytea), now(), ends FROM who, times),
            u AS (INSERT INTO unseen_keys (key_id, account_id, user_id, sealed, expires_at)
                  SELECT key, account, person, 'x', now() - interval '1 hour' FROM who)
            INSERT INTO webhook_messages (id, received_at)
            SELECT i::text, ends - interval '7 days' FROM times
            """,
            person.Email);

        await new PeopleMaintenance(app.Database, TimeProvider.System, NullLogger<PeopleMaintenance>.Instance).RunOnceAsync(CancellationToken.None);

        // The session and the link of the sign-up are the second.
        var left = await Task.WhenAll(new[] { "sessions", "user_tokens", "invitations", "unseen_keys", "webhook_messages" }.Select(
            table => app.ScalarAsync<long>($"SELECT count(*) FROM {table}")));
        Assert.Equal([2, 2, 1, 0, 1], left);
        await person.Session.GetAsync("/auth/me").JsonAsync();
    }
}
