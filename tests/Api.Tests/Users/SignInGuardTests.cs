using System.Net;
using System.Net.Http.Json;
using LlmObserve.Api.Users.Guard;
using Microsoft.Extensions.Configuration;

namespace LlmObserve.Api.Tests.Users;

public sealed class SignInGuardTests(AppFixture app) : IClassFixture<AppFixture>
{
    [Fact]
    public async Task SignIn_TooManyWrongPasswords_LocksKnownAndUnknownAddressesAlike()
    {
        using var person = await app.SignUpAsync();
        var answers = new List<(int Status, string Body)[]>();
        foreach (var email in new[] { person.Email, "locked.nobody@example.com", "no address at all" })
        {
            var those = new List<(int, string)>();
            for (var i = 0; i < 12; i++)
            {
                those.Add(await SignInAsync(email, i == 11 ? TestPerson.Password : "wrong horse"));
            }

            answers.Add([.. those]);
        }

        Assert.Equal([.. Enumerable.Repeat(401, 10), 429, 429], answers[0].Select(answer => answer.Status));
        Assert.Contains("too-many-sign-ins", answers[0][^1].Body, StringComparison.Ordinal);
        Assert.Equal(answers[0], answers[1]);
        Assert.Equal(answers[0], answers[2]);
    }

    [Fact]
    public async Task SignIn_LockedAddress_SaysWhenAndHashesNothing()
    {
        for (var i = 0; i < 10; i++)
        {
            await SignInAsync("locked.work@example.com", "wrong horse");
        }

        var before = app.Hasher.Calls;
        using var refused = await app.Anyone.PostAsJsonAsync("/auth/login", new { email = " Locked.Work@example.com", password = "wrong horse" });

        Assert.Equal(429, (int)refused.StatusCode);
        Assert.InRange(refused.Headers.RetryAfter!.Delta!.Value, TimeSpan.FromMinutes(10), TimeSpan.FromMinutes(15));
        Assert.Equal(before, app.Hasher.Calls);
    }

    [Fact]
    public async Task SignIn_RightPassword_ForgetsTheWrongOnesBefore()
    {
        using var person = await app.SignUpAsync();
        for (var round = 0; round < 3; round++)
        {
            for (var i = 0; i < 9; i++)
            {
                Assert.Equal(401, (await SignInAsync(person.Email, "wrong horse")).Status);
            }

            await app.SignInAsync(person.Email);
        }
    }

    [Fact]
    public async Task SignIn_ManyWrongPasswordsAtOnce_LooksAtNoMoreThanTen()
    {
        using var person = await app.SignUpAsync();
        var before = app.Hasher.Calls;

        var answers = await Task.WhenAll(Enumerable.Range(0, 60).Select(_ => SignInAsync(person.Email, "wrong horse")));

        Assert.Equal(10, app.Hasher.Calls - before);
        Assert.Equal(10, answers.Count(answer => answer.Status == 401));
        Assert.Equal(50, answers.Count(answer => answer.Status == 429));
    }

    [Fact]
    public async Task SignIn_RightPasswordManyTimesAtOnce_LocksNobody()
    {
        using var person = await app.SignUpAsync();

        await Task.WhenAll(Enumerable.Range(0, 30).Select(_ => SignInAsync(person.Email, TestPerson.Password)));

        await app.SignInAsync(person.Email);
    }

    [Fact]
    public async Task SignIn_KnownUnknownClosedAndWithoutPassword_HashOnceAndAnswerTheSame()
    {
        using var known = await app.SignUpAsync();
        using var closed = await app.SignUpAsync();
        using var elsewhere = await app.SignUpAsync();
        await app.ExecuteAsync("UPDATE users SET closed_at = now() WHERE email = $1", closed.Email);
        await app.ExecuteAsync("UPDATE users SET password_hash = NULL WHERE email = $1", elsewhere.Email);
        var work = new List<(int Calls, string Body)>();

        foreach (var (email, password) in new[]
        {
            (known.Email, "wrong horse"), ("unknown@example.com", "wrong horse"), (closed.Email, TestPerson.Password),
            (elsewhere.Email, TestPerson.Password), ("no address", "wrong horse"),
        })
        {
            var before = app.Hasher.Calls;
            var (status, body) = await SignInAsync(email, password);
            Assert.Equal(401, status);
            work.Add((app.Hasher.Calls - before, body));
        }

        Assert.Equal(1, work[0].Calls);
        Assert.Single(work.Distinct());
    }

    [Theory]
    [InlineData("203.0.113.7", "203.0.113.7")]
    [InlineData("2001:db8:1:2:3:4:5:6", "20010db800010002/64")]
    [InlineData("2001:db8:1:2::", "20010db800010002/64")]
    [InlineData("2001:db8:1:3::", "20010db800010003/64")]
    public void NetworkOf_Address_IsItOrItsSixtyFourBits(string ip, string network) => Assert.Equal(network, SignInGuard.NetworkOf(IPAddress.Parse(ip)));

    [Fact]
    public void Limits_FromTheEnvironment_AreReadOrNamed()
    {
        Assert.Equal(SignInLimits.Default, SignInLimits.Read(Configuration([])));
        Assert.Equal(7, SignInLimits.Read(Configuration(new() { ["LLMOBSERVE_SIGNUPS_PER_IP_HOUR"] = "7" })).SignUpsPerIpHour);
        foreach (var bad in new[] { "0", "-1", "many", "1000000000" })
        {
            var fault = Assert.Throws<FormatException>(() => SignInLimits.Read(Configuration(new() { ["LLMOBSERVE_MAILS_PER_IP_HOUR"] = bad })));
            Assert.Contains("LLMOBSERVE_MAILS_PER_IP_HOUR", fault.Message, StringComparison.Ordinal);
        }
    }

    private static IConfiguration Configuration(Dictionary<string, string?> values) => new ConfigurationBuilder().AddInMemoryCollection(values).Build();

    private async Task<(int Status, string Body)> SignInAsync(string email, string password)
    {
        using var response = await app.Anyone.PostAsJsonAsync("/auth/login", new { email, password });
        return ((int)response.StatusCode, await response.Content.ReadAsStringAsync());
    }
}
