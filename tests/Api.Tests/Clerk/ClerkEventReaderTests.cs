using System.Text;
using System.Text.Json;
using LlmObserve.Api.Clerk;
using LlmObserve.Domain.Clerk;

namespace LlmObserve.Api.Tests.Clerk;

public sealed class ClerkEventReaderTests
{
    private const long SentAt = 1_714_000_000_000;

    [Fact]
    public void Read_UserCreated_TakesThePrimaryAddress()
    {
        var (read, _) = Read(
            """
            {"data":{"id":"user_2a","object":"user","first_name":"Ada","last_name":"Lovelace","username":"ada","primary_email_address_id":"idn_2",
             "email_addresses":[{"id":"idn_1","object":"email_address","email_address":"old@example.com","verification":{"status":"verified"}},
                                {"id":"idn_2","email_address":"Ada@example.com","verification":{"status":"unverified"}}],
             "public_metadata":{"a":{"b":[[[[[[[[[[[[1]]]]]]]]]]]]}},"external_accounts":[],"created_at":1654012591514,"updated_at":1654012591835},
             "object":"event","type":"user.created","timestamp":1654012591835,"instance_id":"ins_2"}
            """);

        Assert.Equal(
            new ClerkUser("user_2a", "ada@example.com", false, "Ada Lovelace", 1654012591835),
            Assert.IsType<ClerkEvent.UserSaved>(read).User);
    }

    [Theory]
    [InlineData("""{"email_addresses":[{"email_address":"a@x.io"},{"email_address":"b@x.io","verification":{"status":"verified"}}]}""", "b@x.io", true, null)]
    [InlineData("""{"email_addresses":[{"email_address":"a@x.io"}],"username":"ada"}""", "a@x.io", false, "ada")]
    [InlineData("""{"email_addresses":[{"email_address":"nobody","verification":{"status":"verified"}}]}""", null, false, null)]
    [InlineData("""{"email_addresses":[],"last_name":"Lovelace"}""", null, false, "Lovelace")]
    [InlineData("""{"first_name":"Ada\u0007\ud800","username":"a\u0000b"}""", null, false, "a b")]
    [InlineData("""{"first_name":null,"last_name":null,"username":null,"email_addresses":null}""", null, false, null)]
    public void Read_UserUpdated_TakesWhatThereIs(string user, string? email, bool isVerified, string? name)
    {
        var (read, _) = Read($$"""{"type":"user.updated","timestamp":5,"data":{"id":"user_2a",{{user[1..]}}}""");

        Assert.Equal(new ClerkUser("user_2a", email, isVerified, name, 5), Assert.IsType<ClerkEvent.UserSaved>(read).User);
    }

    [Fact]
    public void Read_VersionNowhere_IsWhenItWasSent()
    {
        var (read, _) = Read("""{"type":"user.created","data":{"id":"user_2a"}}""");

        Assert.Equal(SentAt, Assert.IsType<ClerkEvent.UserSaved>(read).User.UpdatedMs);
    }

    [Fact]
    public void Read_OrganizationSaved_HasNameAndCreator()
    {
        var (read, _) = Read(
            """
            {"type":"organization.created","data":{"id":"org_2a","object":"organization","name":"Acme Inc","slug":"acme-inc",
             "created_by":"user_2a","created_at":1,"updated_at":2}}
            """);

        Assert.Equal(
            new ClerkOrganization("org_2a", "Acme Inc", "user_2a", 2),
            Assert.IsType<ClerkEvent.OrganizationSaved>(read).Organization);
    }

    [Fact]
    public void Read_MembershipSaved_HasBothSides()
    {
        var (read, _) = Read(
            """
            {"type":"organizationMembership.updated","timestamp":9,"data":{"id":"orgmem_2a","role":"org:billing","created_at":3,"updated_at":4,
             "organization":{"id":"org_2a","name":"Acme","created_at":1,"updated_at":2},
             "public_user_data":{"user_id":"user_2a","identifier":"ada@example.com","first_name":"Ada","last_name":null}}}
            """);

        Assert.Equal(
            new ClerkMembership(
                "orgmem_2a", "org:billing", new ClerkOrganization("org_2a", "Acme", null, 2), new ClerkUser("user_2a", "ada@example.com", false, "Ada", 0), 3, 4),
            Assert.IsType<ClerkEvent.MembershipSaved>(read).Membership);
    }

    [Theory]
    [InlineData("""{"type":"user.deleted","data":{"id":"user_2a","object":"user","deleted":true}}""", "UserDeleted { User = user_2a }")]
    [InlineData("""{"type":"organization.deleted","data":{"id":"org_2a","deleted":true}}""", "OrganizationDeleted { Organization = org_2a }")]
    [InlineData("""{"type":"organizationMembership.deleted","data":{"id":"orgmem_2a","deleted":true}}""", "MembershipDeleted { Membership = orgmem_2a }")]
    [InlineData(
        """{"type":"organizationMembership.deleted","data":{"id":"orgmem_2a","organization":{"id":"org_2a"},"public_user_data":{"user_id":"user_2a"}}}""",
        "MembershipDeleted { Membership = orgmem_2a }")]
    [InlineData("""{"type":"session.created","data":{"id":"sess_2a"}}""", "Other { Type = session.created }")]
    [InlineData("""{"type":"waitlistEntry.updated"}""", "Other { Type = waitlistEntry.updated }")]
    public void Read_DeletionsAndOthers_AreRead(string body, string expected) => Assert.Equal(expected, Read(body).Event!.ToString());

    [Theory]
    [InlineData("{}", "type")]
    [InlineData("""{"type":7,"timestamp":"x"}""", "type timestamp")]
    [InlineData("""{"type":"user.created"}""", "data")]
    [InlineData("""{"type":"user.created","data":[]}""", "data")]
    [InlineData("""{"type":"user.deleted","data":{"id":"org_2a"}}""", "data.id")]
    [InlineData("""{"type":"user.deleted","data":{"id":"user_../../x"}}""", "data.id")]
    [InlineData(
        """{"type":"user.created","data":{"id":7,"updated_at":"now","email_addresses":[7,{"email_address":7},{}],"primary_email_address_id":{}}}""",
        "data.updated_at data.id data.primary_email_address_id data.email_addresses[0] data.email_addresses[1].email_address data.email_addresses[2].email_address")]
    [InlineData(
        """{"type":"organizationMembership.created","data":{"role":"","organization":{"id":"x"}}}""",
        "data.public_user_data data.id data.role data.organization.id")]
    public void Read_BadPayload_NamesEveryFault(string body, string paths)
    {
        var problem = Read(body).Problem!;

        Assert.Equal(422, problem.Status);
        Assert.Equal(paths.Split(' ').Order(StringComparer.Ordinal), problem.Errors.Select(fault => fault.Path).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{")]
    [InlineData("\"\\ud800")]
    public void Read_NoObject_IsMalformed(string body) => Assert.Equal("malformed-body", Read(body).Problem!.Code);

    [Fact]
    public void Read_AnyPayloadCutAnywhere_NeverThrows()
    {
        var body = JsonSerializer.Serialize(new { type = "user.created", data = new { id = "user_2a", email_addresses = new[] { new { email_address = "a@x.io" } } } });
        for (var length = 0; length < body.Length; length++)
        {
            Assert.NotNull(Read(body[..length]).Problem);
        }
    }

    private static ClerkEventResult Read(string body) => ClerkEventReader.Read(Encoding.UTF8.GetBytes(body), SentAt);
}
