using System.Threading.Channels;
using LlmObserve.Api.Users.Guard;
using LlmObserve.Domain.Users;
using LlmObserve.Mail;
using LlmObserve.Mail.Templates;
using LlmObserve.Storage.Users;
using Microsoft.Extensions.Hosting;

namespace LlmObserve.Api.Users.Links;

/// <summary>
/// Makes links and mails them, behind the back of requests and one at a time: neither the answer nor its time tells whether an address is
/// anybody's. Nothing is kept on disk: people ask again.
/// </summary>
internal sealed partial class LinkMails(
    UsersStore users, CredentialsStore credentials, SignInGuard guard, MailQueue mails, PublicAddress address, TimeProvider time, ILogger<LinkMails> log)
    : BackgroundService
{
    /// <summary>A new address is looked at within a day or two.</summary>
    public static readonly TimeSpan VerifyLife = TimeSpan.FromHours(48);

    /// <summary>Who asks waits for it; a mailbox that somebody gets into later holds nothing that opens.</summary>
    public static readonly TimeSpan ResetLife = TimeSpan.FromHours(1);

    /// <summary>Each takes a few milliseconds; more is a flood, and the mails would not be sent either.</summary>
    private const int MaxWaiting = 1_000;

    private readonly Channel<Wish> _wishes = Channel.CreateBounded<Wish>(new BoundedChannelOptions(MaxWaiting) { SingleReader = true });

    /// <summary>Mails a link to the person that proves their address.</summary>
    public void AskToVerify(UserId user) => Add(new Wish(user, null));

    /// <summary>Mails a link that sets a new password, if the address is that of somebody who has one.</summary>
    /// <param name="email">In lower case.</param>
    public void AskToReset(string email) => Add(new Wish(null, email));

    /// <summary>What was asked for is still done.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        _wishes.Writer.TryComplete();
        await (ExecuteTask ?? Task.CompletedTask).WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await base.StopAsync(cancellationToken);
    }

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await foreach (var wish in _wishes.Reader.ReadAllAsync(stoppingToken))
        {
            try
            {
                await (wish.User is { } user ? VerifyAsync(user, stoppingToken) : ResetAsync(wish.Email!, stoppingToken));
            }
            catch (Exception error) when (error is not OperationCanceledException)
            {
                // A boundary: one link that cannot be made, most likely for a database that is away, must not end those to come.
                LogFailed(log, error);
            }
        }
    }

    private async Task VerifyAsync(UserId id, CancellationToken cancellationToken)
    {
        if (await users.FindAsync(id, cancellationToken) is { Email: { } email, EmailVerifiedAt: null })
        {
            var (link, expires) = await MakeAsync(id, email, LinkPurpose.Verify, "verify", VerifyLife, cancellationToken);
            mails.TryEnqueue(AccountMails.AddressVerification(email, link, expires));
        }
    }

    private async Task ResetAsync(string email, CancellationToken cancellationToken)
    {
        // Who signs in elsewhere has no password here and gets none by a mail.
        if (await guard.MailToAsync("reset", email) is null && await users.FindByEmailAsync(email, cancellationToken) is { PasswordHash: not null } user)
        {
            var (link, expires) = await MakeAsync(user.Id, email, LinkPurpose.Reset, "reset", ResetLife, cancellationToken);
            mails.TryEnqueue(AccountMails.PasswordReset(email, link, expires));
        }
    }

    private async Task<(Uri Link, DateTimeOffset Expires)> MakeAsync(
        UserId user, string email, LinkPurpose purpose, string page, TimeSpan life, CancellationToken cancellationToken)
    {
        var token = LinkToken.Create();
        var now = time.GetUtcNow();
        await credentials.InsertLinkAsync(new NewUserLink(LinkToken.Hash(token), user, purpose, email, now, now + life), cancellationToken);
        return (address.Link($"{page}?token={token}"), now + life);
    }

    private void Add(Wish wish)
    {
        if (!_wishes.Writer.TryWrite(wish))
        {
            LogDropped(log);
        }
    }

    [LoggerMessage(LogLevel.Warning, "A link could not be made; whoever asked for it has to ask again")]
    private static partial void LogFailed(ILogger log, Exception error);

    [LoggerMessage(LogLevel.Warning, "Too many links are asked for at once, or the server stops; one is dropped")]
    private static partial void LogDropped(ILogger log);

    /// <summary>One of the two is set.</summary>
    private sealed record Wish(UserId? User, string? Email);
}
