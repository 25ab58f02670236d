using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using LlmObserve.Api.Callers;
using LlmObserve.Api.Http;
using LlmObserve.Grains.Interfaces.Users;

namespace LlmObserve.Api.Users.Guard;

/// <summary>
/// Limits how often passwords are guessed, accounts made and mails asked for: by address, and by the network where it comes from. It knows
/// nothing of who exists: an address that nobody has is locked and told of like any other.
/// </summary>
internal sealed class SignInGuard(GrainCalls calls, SignInLimits limits)
{
    /// <summary>A person who has forgotten which of their passwords it was has tried them all by then.</summary>
    public const int FailuresPerAddress = 10;

    /// <summary>One or two are lost or take their time; more is a nuisance to whoever has the address.</summary>
    public const int MailsPerAddressHour = 3;

    /// <summary>Invitations to one address, of all accounts together: who makes many accounts must not flood somebody from them.</summary>
    public const int InvitationsPerAddressHour = 10;

    /// <summary>At ten guesses in it, and later in an hour, not one in a million passwords is found in a year.</summary>
    private static readonly TimeSpan s_window = TimeSpan.FromMinutes(15);

    /// <summary>Longer would let anybody keep the owner out for a day; and a link by mail opens at once.</summary>
    private static readonly TimeSpan s_longestLock = TimeSpan.FromHours(1);

    private static readonly TimeSpan s_hour = TimeSpan.FromHours(1);

    private static readonly AttemptRule s_address = new(FailuresPerAddress, s_window, s_window, s_longestLock);
    private static readonly AttemptRule s_addressMails = Hourly(MailsPerAddressHour);
    private static readonly AttemptRule s_addressInvitations = Hourly(InvitationsPerAddressHour);
    private readonly AttemptRule _network = new(limits.FailuresPerIp, s_window, s_window, s_longestLock);
    private readonly AttemptRule _signUps = Hourly(limits.SignUpsPerIpHour);
    private readonly AttemptRule _mails = Hourly(limits.MailsPerIpHour);

    /// <summary>Asks before a password is looked at. What comes of it must be told with <see cref="EndAsync(PasswordAttempt, AttemptEnd)"/>.</summary>
    /// <param name="address">As it was typed; null where the secret is not an address's password.</param>
    /// <param name="context">The request.</param>
    public async Task<(PasswordAttempt Attempt, Problem? Refusal)> BeginAsync(string? address, HttpContext context)
    {
        var attempt = new PasswordAttempt(address is null ? null : "sign-in:" + Digest(address), "sign-in-from:" + NetworkOf(context));
        var network = await BeginAsync(attempt.NetworkKey, _network);
        if (!network.Allowed)
        {
            return (attempt, TooMany("too-many-sign-ins", "Too many passwords from your network were wrong", network));
        }

        if (attempt.AddressKey is not { } key || await BeginAsync(key, s_address) is not { Allowed: false } refused)
        {
            return (attempt, null);
        }

        await EndAsync(attempt.NetworkKey, AttemptEnd.Withdrawn);
        return (attempt, TooMany("too-many-sign-ins", "Too many passwords for this address were wrong", refused));
    }

    /// <summary>Tells what came of an attempt.</summary>
    public async Task EndAsync(PasswordAttempt attempt, AttemptEnd end)
    {
        if (attempt.AddressKey is { } key)
        {
            await EndAsync(key, end);
        }

        // Who knows one password must not get more guesses at others by it.
        await EndAsync(attempt.NetworkKey, end == AttemptEnd.Failed ? end : AttemptEnd.Withdrawn);
    }

    /// <summary>The person has proved by mail who they are: their wrong passwords count no more.</summary>
    public Task ClearAsync(string address) => calls.RepeatAsync<IAttemptsGrain>("sign-in:" + Digest(address), attempts => attempts.ClearAsync());

    /// <summary>Counts a sign-up from the request's network; a refusal where there were too many.</summary>
    public async Task<Problem?> SignUpAsync(HttpContext context) =>
        await TakeAsync("sign-up-from:" + NetworkOf(context), _signUps) is { Allowed: false } refused
            ? TooMany("too-many-sign-ups", "Too many people of your network have signed up", refused)
            : null;

    /// <summary>Counts a mail that the request's network asks for; a refusal where there were too many.</summary>
    public async Task<Problem?> MailAsync(HttpContext context) =>
        await TakeAsync("mail-from:" + NetworkOf(context), _mails) is { Allowed: false } refused ? TooManyMails("Too many mails were asked for from your network", refused) : null;

    /// <summary>Counts a mail to an address; a refusal where there were too many.</summary>
    /// <param name="kind">Of which kind: one does not take the other's place.</param>
    /// <param name="address">Where it would go.</param>
    public async Task<Problem?> MailToAsync(string kind, string address) =>
        await TakeAsync($"mail-{kind}:{Digest(address)}", s_addressMails) is { Allowed: false } refused
            ? TooManyMails("Too many mails were sent to this address", refused)
            : null;

    /// <summary>Counts an invitation that the request's network sends to an address; a refusal where there were too many.</summary>
    public async Task<Problem?> InvitationAsync(string address, HttpContext context) =>
        await MailAsync(context) ?? (await TakeAsync($"mail-invitation:{Digest(address)}", s_addressInvitations) is { Allowed: false } refused
            ? TooManyMails("Too many mails were sent to this address", refused)
            : null);

    /// <summary>What counts as one network: an address of IPv4, the 64 bits of IPv6 that a connection is given as a whole.</summary>
    internal static string NetworkOf(IPAddress? ip) => ip switch
    {
        null => "unknown",
        { AddressFamily: AddressFamily.InterNetworkV6 } => Convert.ToHexStringLower(ip.GetAddressBytes().AsSpan(0, 8)) + "/64",
        _ => ip.ToString(),
    };

    private static string NetworkOf(HttpContext context) => NetworkOf(context.RemoteIp());

    private static AttemptRule Hourly(int limit) => new(limit, s_hour, TimeSpan.Zero, TimeSpan.Zero);

    /// <summary>Grains are named in logs and tables; addresses are not. Of any length, and whatever was typed.</summary>
    private static string Digest(string address) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(address.Trim().ToLowerInvariant())));

    private static Problem TooManyMails(string what, AttemptAnswer answer) => TooMany("too-many-mails", what, answer);

    private static Problem TooMany(string code, string what, AttemptAnswer answer)
    {
        var seconds = Math.Max(1, (int)Math.Ceiling(answer.RetryAfter.TotalSeconds));
        var wait = seconds < 60 ? $"{seconds} s" : string.Create(CultureInfo.InvariantCulture, $"{(seconds + 59) / 60} minutes");
        return new Problem(StatusCodes.Status429TooManyRequests, code, "Too many attempts", $"{what}; try again in {wait}.") { RetryAfterSeconds = seconds };
    }

    private Task<AttemptAnswer> BeginAsync(string key, AttemptRule rule) =>
        calls.RepeatAsync<IAttemptsGrain, AttemptAnswer>(key, attempts => attempts.BeginAsync(rule));

    private Task<AttemptAnswer> TakeAsync(string key, AttemptRule rule) =>
        calls.RepeatAsync<IAttemptsGrain, AttemptAnswer>(key, attempts => attempts.TakeAsync(rule));

    private Task EndAsync(string key, AttemptEnd end) => calls.RepeatAsync<IAttemptsGrain>(key, attempts => attempts.EndAsync(end));
}

/// <summary>Somebody is trying a password.</summary>
/// <param name="AddressKey">Of the address that it is tried with.</param>
/// <param name="NetworkKey">Of the network where it comes from.</param>
internal sealed record PasswordAttempt(string? AddressKey, string NetworkKey);
