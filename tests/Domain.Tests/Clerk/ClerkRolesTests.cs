using LlmObserve.Domain.Accounts;
using LlmObserve.Domain.Clerk;
using LlmObserve.Domain.Users;

namespace LlmObserve.Domain.Tests.Clerk;

public sealed class ClerkRolesTests
{
    private static readonly UserId s_ada = UserId.New();
    private static readonly UserId s_grace = UserId.New();
    private static readonly UserId s_edsger = UserId.New();

    [Fact]
    public void Resolve_CreatorWhoIsAnAdmin_Owns() => AssertRoles(
        creator: s_grace,
        [Place(s_ada, "org:admin", createdMs: 1), Place(s_grace, "org:admin", createdMs: 2), Place(s_edsger, "org:member", createdMs: 0)],
        (s_ada, AccountRole.Admin), (s_grace, AccountRole.Owner), (s_edsger, AccountRole.Member));

    [Fact]
    public void Resolve_CreatorWhoIsNoAdminAnyMore_DoesNotOwn() => AssertRoles(
        creator: s_grace,
        [Place(s_ada, "org:admin", createdMs: 1), Place(s_grace, "org:member", createdMs: 0)],
        (s_ada, AccountRole.Owner), (s_grace, AccountRole.Member));

    [Fact]
    public void Resolve_CreatorWhoIsGone_LeavesItToTheFirstAdmin() => AssertRoles(
        creator: s_edsger,
        [Place(s_ada, "org:admin", createdMs: 2), Place(s_grace, "org:admin", createdMs: 1)],
        (s_ada, AccountRole.Admin), (s_grace, AccountRole.Owner));

    [Fact]
    public void Resolve_WithoutAnyAdmin_TheFirstOfTheHighestOwns() => AssertRoles(
        creator: null,
        [Place(s_ada, "org:billing", createdMs: 0), Place(s_grace, "org:member", createdMs: 2), Place(s_edsger, "org:member", createdMs: 1)],
        (s_ada, AccountRole.Viewer), (s_grace, AccountRole.Member), (s_edsger, AccountRole.Owner));

    [Fact]
    public void Resolve_WhoLeftAndCameAgain_HasTheNewestRole() => AssertRoles(
        creator: null,
        [Place(s_ada, "org:admin", createdMs: 0), Place(s_grace, "org:admin", createdMs: 1, updatedMs: 1), Place(s_grace, "org:guest", createdMs: 5, updatedMs: 5)],
        (s_ada, AccountRole.Owner), (s_grace, AccountRole.Viewer));

    [Fact]
    public void Resolve_NoMembers_IsNobody() => Assert.Empty(ClerkRoles.Resolve([], s_ada));

    [Theory]
    [InlineData("org:admin", AccountRole.Admin)]
    [InlineData("admin", AccountRole.Admin)]
    [InlineData("org:member", AccountRole.Member)]
    [InlineData("org:owner", AccountRole.Viewer)]
    [InlineData("", AccountRole.Viewer)]
    public void Of_Word_IsTheRole(string word, AccountRole role) => Assert.Equal(role, ClerkRoles.Of(word));

    private static ClerkPlace Place(UserId user, string role, long createdMs, long updatedMs = 1) =>
        new($"orgmem_{user}{createdMs}", user, role, createdMs, updatedMs);

    private static void AssertRoles(UserId? creator, ClerkPlace[] places, params (UserId User, AccountRole Role)[] expected)
    {
        foreach (var order in new[] { places, [.. places.Reverse()] })
        {
            Assert.Equal(expected.OrderBy(pair => pair.User.Value), ClerkRoles.Resolve(order, creator).Select(pair => (pair.Key, pair.Value)).OrderBy(pair => pair.Key.Value));
        }
    }
}
