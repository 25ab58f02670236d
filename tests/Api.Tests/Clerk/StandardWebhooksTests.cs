using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using LlmObserve.Api.Clerk;
using LlmObserve.Testing;
using Microsoft.AspNetCore.Http;

namespace LlmObserve.Api.Tests.Clerk;

/// <summary>Signatures by npm's svix and standardwebhooks, as they are and changed in every way.</summary>
public sealed class StandardWebhooksTests(StandardWebhooksTests.Signed signed) : IClassFixture<StandardWebhooksTests.Signed>
{
    private const string Secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    private const string Rotated = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";
    private const string Stranger = "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    private const string Id = "msg_2g5ZnWN2iAbCdEf";
    private const string Body = """{"type":"user.created","data":{"first_name":"Zoë 🦊"}}""";

    [Theory]
    [InlineData("svix", "svix-")]
    [InlineData("standardwebhooks", "svix-")]
    [InlineData("svix", "webhook-")]
    [InlineData("standardwebhooks", "webhook-")]
    public void Verify_SignedByTheirLibrary_IsTaken(string by, string prefix) =>
        Assert.Equal(WebhookFault.None, Check(signed.By(by, Secret), prefix: prefix));

    [Theory]
    [InlineData("svix")]
    [InlineData("standardwebhooks")]
    public void Verify_AnythingChanged_IsRefused(string by)
    {
        var good = signed.By(by, Secret);

        for (var at = 0; at < Encoding.UTF8.GetByteCount(Body); at++)
        {
            var body = Encoding.UTF8.GetBytes(Body);
            body[at] ^= 1;
            Assert.Equal(WebhookFault.WrongSignature, Check(good, body: body));
        }

        Assert.Equal(WebhookFault.WrongSignature, Check(good, body: []));
        Assert.Equal(WebhookFault.WrongSignature, Check(good, body: Encoding.UTF8.GetBytes(Body + "\n")));
        Assert.Equal(WebhookFault.WrongSignature, Check(good, id: Id + "x"));
        Assert.Equal(WebhookFault.WrongSignature, Check(good, timestamp: signed.At + 1));
        Assert.Equal(WebhookFault.WrongSignature, Check(good, timestampText: $"0{signed.At}"));
        Assert.Equal(WebhookFault.WrongSignature, Check(signed.By(by, Stranger)));
        for (var at = "v1,".Length; at < good.Length - 2; at++)
        {
            var letters = good.ToCharArray();
            letters[at] = letters[at] == 'A' ? 'B' : 'A';
            Assert.Equal(WebhookFault.WrongSignature, Check(new string(letters)));
        }
    }

    [Theory]
    [InlineData("v1a,", "")]
    [InlineData("v2,", "")]
    [InlineData("V1,", "")]
    [InlineData("", "")]
    [InlineData("v1,", "!!!!")]
    public void Verify_NoSignatureOfOurVersion_IsRefused(string version, string rest)
    {
        var good = signed.By("svix", Secret);

        Assert.Equal(WebhookFault.NoSignature, Check(version + rest + good["v1,".Length..]));
    }

    [Fact]
    public void Verify_SeveralSignatures_OneThatFitsIsEnough()
    {
        var good = signed.By("svix", Secret);
        var other = signed.By("svix", Stranger);

        Assert.Equal(WebhookFault.None, Check($"{other} {good}"));
        Assert.Equal(WebhookFault.None, Check($"{good} {other}"));
        Assert.Equal(WebhookFault.None, Check($"v1a,{good["v1,".Length..]} v2,xyz  {good}"));
        Assert.Equal(WebhookFault.WrongSignature, Check($"{other} {other} v2,{good["v1,".Length..]}"));
        Assert.Equal(WebhookFault.WrongSignature, Check(string.Join(' ', Enumerable.Repeat(other, StandardWebhooks.MaxSignatures).Append(good))));
        Assert.Equal(WebhookFault.NoSignature, Check(string.Join(' ', Enumerable.Repeat(good, 1000))));
    }

    [Fact]
    public void Verify_WhileTheSecretIsReplaced_BothServeAndThenOne()
    {
        var (before, after) = (signed.By("svix", Secret), signed.By("standardwebhooks", Rotated));

        Assert.Equal(WebhookFault.None, Check(before, secrets: [Secret, Rotated]));
        Assert.Equal(WebhookFault.None, Check(after, secrets: [Secret, Rotated]));
        Assert.Equal(WebhookFault.WrongSignature, Check(before, secrets: [Rotated]));
        Assert.Equal(WebhookFault.None, Check(after, secrets: [Rotated]));
    }

    [Theory]
    [InlineData(300, WebhookFault.None)]
    [InlineData(301, WebhookFault.TooOld)]
    [InlineData(-300, WebhookFault.None)]
    [InlineData(-301, WebhookFault.TooNew)]
    public void Verify_FiveMinutesAway_IsTheLimit(int secondsLater, WebhookFault expected) =>
        Assert.Equal(expected, Check(signed.By("svix", Secret), now: signed.At + secondsLater));

    [Theory]
    [InlineData("")]
    [InlineData("-1")]
    [InlineData("+1714000000")]
    [InlineData("1714000000.5")]
    [InlineData("1714000000Z")]
    [InlineData("999999999999")]
    public void Verify_WhatIsNoTime_IsRefused(string timestamp)
    {
        var expected = timestamp.Length == 0 ? WebhookFault.MissingHeaders : WebhookFault.MalformedTimestamp;
        Assert.Equal(expected, Check(signed.By("svix", Secret), timestampText: timestamp));
    }

    [Fact]
    public void Verify_BadIdsAndHeaders_AreRefused()
    {
        var good = signed.By("svix", Secret);

        Assert.Equal(WebhookFault.MissingHeaders, Check(good, id: ""));
        Assert.Equal(WebhookFault.MissingHeaders, Check(""));
        Assert.Equal(WebhookFault.MissingHeaders, Check(good, prefix: "other-"));
        Assert.Equal(WebhookFault.MalformedId, Check(good, id: "a.b"));
        Assert.Equal(WebhookFault.MalformedId, Check(good, id: "a b"));
        Assert.Equal(WebhookFault.MalformedId, Check(good, id: new string('a', StandardWebhooks.MaxIdLength + 1)));
        var headers = Headers("svix-", Id, $"{signed.At}", good);
        headers.Append("svix-signature", good);
        Assert.Equal(WebhookFault.MissingHeaders, signed.Webhooks([Secret], signed.At).CheckHeaders(headers, out _));
    }

    [Theory]
    [InlineData("whsec_", false)]
    [InlineData("whsec_!!!!", false)]
    [InlineData("whsec_AAAA", false)]
    [InlineData("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", false)]
    [InlineData(Secret, true)]
    public void ReadSecret_Text_IsReadOrNot(string text, bool isSecret) =>
        Assert.Equal(isSecret, StandardWebhooks.ReadSecret(text) is not null);

    private static HeaderDictionary Headers(string prefix, string id, string timestamp, string signature) => new()
    {
        [prefix + "id"] = id,
        [prefix + "timestamp"] = timestamp,
        [prefix + "signature"] = signature,
    };

    private WebhookFault Check(
        string signature,
        string id = Id,
        long? timestamp = null,
        string? timestampText = null,
        byte[]? body = null,
        string[]? secrets = null,
        string prefix = "svix-",
        long? now = null)
    {
        var webhooks = signed.Webhooks(secrets ?? [Secret], now ?? signed.At);
        var time = timestampText ?? (timestamp ?? signed.At).ToString(CultureInfo.InvariantCulture);
        var fault = webhooks.CheckHeaders(Headers(prefix, id, time, signature), out var read);
        return fault != WebhookFault.None ? fault : webhooks.Verify(read, body ?? Encoding.UTF8.GetBytes(Body));
    }

    /// <summary>The signatures, made once.</summary>
    public sealed class Signed : IAsyncLifetime
    {
        private readonly Dictionary<(string By, string Secret), string> _signatures = [];

        /// <summary>When the messages were sent.</summary>
        public long At { get; } = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();

        public async Task InitializeAsync()
        {
            (string By, string Secret)[] wanted =
                [.. new[] { "svix", "standardwebhooks" }.SelectMany(by => new[] { Secret, Rotated, Stranger }.Select(secret => (by, secret)))];
            var signatures = await NpmProgram.RunAsync("webhook-signatures.mjs", wanted.Select(
                one => new { by = one.By, secret = one.Secret, id = Id, at = At, body = Body }));
            var at = 0;
            foreach (var signature in signatures.EnumerateArray())
            {
                _signatures[wanted[at++]] = signature.GetString()!;
            }
        }

        public Task DisposeAsync() => Task.CompletedTask;

        public string By(string library, string secret) => _signatures[(library, secret)];

        internal StandardWebhooks Webhooks(string[] secrets, long now) => new(
            [.. secrets.Select(secret => StandardWebhooks.ReadSecret(secret)!.Value)], new FakeClock(DateTimeOffset.FromUnixTimeSeconds(now)));
    }
}
