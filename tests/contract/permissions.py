"""A function may do what its role allows and nothing else."""

from support import ACCOUNT, REGION, as_function, client, fails, same

admin, function = client("ssm"), as_function("ssm")
for name in ("/allowed/a", "/allowed/secret", "/other"):
    admin.put_parameter(Name=name, Value="v", Type="String")

same(function.get_parameter(Name="/allowed/a")["Parameter"]["Value"], "v")
same(len(function.get_parameters(Names=["/allowed/a", "/allowed/b"])["Parameters"]), 1)

with fails(
    "AccessDeniedException",
    f"User: arn:aws:sts::{ACCOUNT}:assumed-role/contract-role/contract is not authorized to perform: ssm:GetParameter on resource: "
    f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter/other because no identity-based policy allows the ssm:GetParameter action",
    status=400,
):
    function.get_parameter(Name="/other")
with fails("AccessDeniedException", "with an explicit deny in an identity-based policy"):
    function.get_parameter(Name="/allowed/secret")
with fails("AccessDeniedException", "parameter/other"):
    function.get_parameters(Names=["/allowed/a", "/other"])
with fails("AccessDeniedException", "ssm:PutParameter"):
    function.put_parameter(Name="/allowed/a", Value="w", Type="String", Overwrite=True)
with fails("AccessDeniedException", "ssm:DescribeParameters"):
    function.describe_parameters()
same(admin.get_parameter(Name="/allowed/a")["Parameter"]["Value"], "v")
