using LlmObserve.Domain.Accounts;
using LlmObserve.Domain.Users;

namespace LlmObserve.Storage.Clerk;

/// <summary>What is known of an object of Clerk's.</summary>
/// <param name="UpdatedMs">How new that is.</param>
/// <param name="IsDeleted">It never comes back.</param>
/// <param name="User">The person, of a user and of a membership.</param>
/// <param name="Account">The account, of an organization and of a membership.</param>
public sealed record ClerkObject(long UpdatedMs, bool IsDeleted, UserId? User, AccountId? Account);

/// <summary>Whose grains have to read their rows anew after a change at Clerk.</summary>
/// <param name="Users">People whose profile, memberships or sessions may have changed.</param>
/// <param name="RevokedKeys">Hashes of keys that open nothing any more.</param>
public sealed record ClerkReach(IReadOnlyCollection<UserId> Users, IReadOnlyCollection<byte[]> RevokedKeys);

/// <summary>The first key of a person who was not there to see it.</summary>
/// <param name="Row">To be stored.</param>
/// <param name="Sealed">Its text, which only the server can read.</param>
public sealed record SealedKey(Keys.NewApiKey Row, byte[] Sealed);
