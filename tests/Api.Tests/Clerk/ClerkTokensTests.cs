using System.Collections.Immutable;
using System.Text.Json;
using LlmObserve.Api.Clerk;
using LlmObserve.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace LlmObserve.Api.Tests.Clerk;

/// <summary>Session tokens from jose and @clerk/backend, as they are and changed in every way; @clerk/backend says what is right.</summary>
public sealed class ClerkTokensTests(ClerkTokensTests.Made made) : IClassFixture<ClerkTokensTests.Made>
{
    private const string Party = "https://app.example.com";

    [Theory]
    [InlineData("by jose")]
    [InlineData("by clerk")]
    [InlineData("organization, format 1")]
    [InlineData("organization, format 2")]
    [InlineData("without azp")]
    [InlineData("without typ")]
    [InlineData("expired 30 s ago")]
    [InlineData("from 30 s ahead")]
    [InlineData("without nbf and iat")]
    public async Task Read_GoodToken_IsValidHereAndAtClerk(string name)
    {
        var (outcome, session) = await made.ReadAsync(name);

        Assert.Equal(ClerkTokenOutcome.Valid, outcome);
        Assert.True(made.IsValidAtClerk(name));
        Assert.Equal("user_2person", session!.User);
        Assert.Equal("sess_2session", session.Session);
        Assert.Equal(made.Issuer, session.Instance.Issuer);
        var isOfOrganization = name.StartsWith("organization", StringComparison.Ordinal);
        Assert.Equal(isOfOrganization ? new ClerkSessionOrganization("org_2acme", "admin", "acme") : null, session.Organization);
    }

    [Theory]
    [InlineData("expired 120 s ago", ClerkTokenOutcome.Expired)]
    [InlineData("not before 120 s ahead", ClerkTokenOutcome.Early)]
    [InlineData("issued 120 s ahead", ClerkTokenOutcome.Early)]
    [InlineData("exp missing", ClerkTokenOutcome.Foreign)]
    [InlineData("exp as text", ClerkTokenOutcome.Foreign)]
    [InlineData("nbf as text", ClerkTokenOutcome.Foreign)]
    [InlineData("sub missing", ClerkTokenOutcome.Foreign)]
    [InlineData("sub as number", ClerkTokenOutcome.Foreign)]
    [InlineData("other issuer", ClerkTokenOutcome.Foreign)]
    [InlineData("issuer with a slash", ClerkTokenOutcome.Foreign)]
    [InlineData("issuer missing", ClerkTokenOutcome.Foreign)]
    [InlineData("other party", ClerkTokenOutcome.OtherParty)]
    [InlineData("party in another case", ClerkTokenOutcome.OtherParty)]
    [InlineData("empty party", ClerkTokenOutcome.Foreign)]
    [InlineData("other key, same kid", ClerkTokenOutcome.Invalid)]
    [InlineData("payload: other user", ClerkTokenOutcome.Invalid)]
    [InlineData("payload: later end", ClerkTokenOutcome.Invalid)]
    [InlineData("payload: one byte", null)]
    [InlineData("signature: first byte", ClerkTokenOutcome.Invalid)]
    [InlineData("signature: last byte", ClerkTokenOutcome.Invalid)]
    [InlineData("signature: cut", ClerkTokenOutcome.Invalid)]
    [InlineData("signature: gone", ClerkTokenOutcome.Foreign)]
    [InlineData("signature: of another token", ClerkTokenOutcome.Invalid)]
    [InlineData("signature: spelt otherwise", ClerkTokenOutcome.Foreign)]
    [InlineData("header: alg none", ClerkTokenOutcome.Foreign)]
    [InlineData("header: alg none, signature kept", ClerkTokenOutcome.Foreign)]
    [InlineData("header: alg RS512, signature kept", ClerkTokenOutcome.Foreign)]
    [InlineData("header: other kid, signature kept", ClerkTokenOutcome.Invalid)]
    [InlineData("header: HS256 with the public key", ClerkTokenOutcome.Foreign)]
    [InlineData("header: HS256 with the public key, trimmed", ClerkTokenOutcome.Foreign)]
    [InlineData("header: HS256 with nothing", ClerkTokenOutcome.Foreign)]
    [InlineData("header: typ of an access token", ClerkTokenOutcome.Foreign)]
    [InlineData("header: category of machines", ClerkTokenOutcome.Foreign)]
    [InlineData("RS512", ClerkTokenOutcome.Foreign)]
    [InlineData("RS384", ClerkTokenOutcome.Foreign)]
    [InlineData("no JSON", ClerkTokenOutcome.Foreign)]
    [InlineData("truncated", null)]
    [InlineData("two parts", ClerkTokenOutcome.Foreign)]
    [InlineData("five parts", ClerkTokenOutcome.Foreign)]
    [InlineData("empty parts", ClerkTokenOutcome.Foreign)]
    [InlineData("no token", ClerkTokenOutcome.Foreign)]
    public async Task Read_ChangedToken_IsRefusedHereAndAtClerk(string name, ClerkTokenOutcome? expected)
    {
        var (outcome, session) = await made.ReadAsync(name);

        // Which of the two it is depends on where a byte falls.
        Assert.True(expected is null ? outcome is ClerkTokenOutcome.Invalid or ClerkTokenOutcome.Foreign : outcome == expected, $"{outcome}");
        Assert.Null(session);
        Assert.False(made.IsValidAtClerk(name));
    }

    /// <summary>What Clerk's library takes with the one key that it was given, and this server does not.</summary>
    [Theory]
    [InlineData("strict: no kid", ClerkTokenOutcome.Foreign)]
    [InlineData("strict: unknown kid", ClerkTokenOutcome.Invalid)]
    [InlineData("strict: kid twice", ClerkTokenOutcome.Foreign)]
    [InlineData("strict: exp twice", ClerkTokenOutcome.Foreign)]
    [InlineData("strict: extension", ClerkTokenOutcome.Foreign)]
    [InlineData("strict: pending", ClerkTokenOutcome.Pending)]
    [InlineData("strict: a machine", ClerkTokenOutcome.Foreign)]
    [InlineData("strict: organization without an id", ClerkTokenOutcome.Foreign)]
    [InlineData("strict: signature padded", ClerkTokenOutcome.Foreign)]
    public async Task Read_WhatOnlyClerkTakes_IsRefused(string name, ClerkTokenOutcome expected)
    {
        var (outcome, session) = await made.ReadAsync(name);

        Assert.Equal(expected, outcome);
        Assert.Null(session);
        Assert.True(made.IsValidAtClerk(name));
    }

    [Fact]
    public void Made_EveryToken_IsInATest()
    {
        var tested = GetType().GetMethods().SelectMany(method => method.GetCustomAttributes(typeof(InlineDataAttribute), inherit: false))
            .Select(row => ((InlineDataAttribute)row).GetData(null!).Single()[0]).OfType<string>();

        Assert.Equal(made.Names.Order(StringComparer.Ordinal), tested.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData(119, ClerkTokenOutcome.Valid)]
    [InlineData(120, ClerkTokenOutcome.Expired)]
    public async Task Read_AroundTheEndOfLeeway_IsValidUpToIt(int secondsLater, ClerkTokenOutcome expected) =>
        Assert.Equal(expected, (await made.ReadAsync("by jose", secondsLater)).Outcome);

    [Theory]
    [InlineData(-60, ClerkTokenOutcome.Valid)]
    [InlineData(-61, ClerkTokenOutcome.Early)]
    public async Task Read_AroundTheBeginningOfLeeway_IsValidFromIt(int secondsLater, ClerkTokenOutcome expected) =>
        Assert.Equal(expected, (await made.ReadAsync("by jose", secondsLater)).Outcome);

    [Fact]
    public async Task Read_RandomChanges_NeverOpensAndNeverThrows()
    {
        var random = new Random(7);
        var good = made.Token("by jose");
        const string Letters = "ABCxyz019-_.=+ é\0";
        for (var i = 0; i < 2000; i++)
        {
            var letters = good.ToCharArray();
            for (var changes = random.Next(1, 4); changes > 0; changes--)
            {
                letters[random.Next(letters.Length)] = Letters[random.Next(Letters.Length)];
            }

            var changed = new string(letters);
            var outcome = await made.ReadTextAsync(changed);
            Assert.True(changed == good || outcome is ClerkTokenOutcome.Invalid or ClerkTokenOutcome.Foreign, changed);
        }
    }

    [Fact]
    public async Task Read_VeryLongToken_IsRefused() =>
        Assert.Equal(ClerkTokenOutcome.Foreign, await made.ReadTextAsync(new string('a', 1 << 20)));

    /// <summary>The tokens, made once.</summary>
    public sealed class Made : IAsyncLifetime
    {
        private readonly HttpClient _http = ClerkHttp.Create(JwksCache.MaxBytes);
        private ClerkServer _clerk = null!;
        private JsonElement _made;
        private ClerkTokens _tokens = null!;

        public string Issuer => _clerk.Url;

        public IEnumerable<string> Names => _made.GetProperty("tokens").EnumerateObject().Select(token => token.Name);

        public async Task InitializeAsync()
        {
            _clerk = await ClerkServer.StartAsync();
            _made = await NpmProgram.RunAsync("session-tokens.mjs", new { issuer = Issuer, party = Party });
            _clerk.Keys = _made.GetProperty("jwks").GetRawText();
            _tokens = Tokens(0);
        }

        public async Task DisposeAsync()
        {
            _http.Dispose();
            await _clerk.DisposeAsync();
        }

        public string Token(string name) => _made.GetProperty("tokens").GetProperty(name).Text("token");

        public bool IsValidAtClerk(string name) => _made.GetProperty("tokens").GetProperty(name).GetProperty("clerk").GetBoolean();

        internal async Task<(ClerkTokenOutcome Outcome, ClerkSession? Session)> ReadAsync(string name, int secondsLater = 0) =>
            await (secondsLater == 0 ? _tokens : Tokens(secondsLater)).ReadAsync(Token(name), CancellationToken.None);

        internal async Task<ClerkTokenOutcome> ReadTextAsync(string token) => (await _tokens.ReadAsync(token, CancellationToken.None)).Outcome;

        /// <summary>Reads tokens as of a moment after they were made.</summary>
        private ClerkTokens Tokens(int secondsLater)
        {
            var options = new ClerkOptions(
                [new ClerkInstance(Issuer, "pk_test_Y2xlcmsuZXhhbXBsZS5jb20k", "sk_test_a")], [], ImmutableHashSet.Create(Party), new Uri(Issuer));
            var now = DateTimeOffset.FromUnixTimeSeconds(_made.GetProperty("now").GetInt64() + secondsLater);
            return new ClerkTokens(options, _http, new FakeClock(now), NullLoggerFactory.Instance);
        }
    }
}
